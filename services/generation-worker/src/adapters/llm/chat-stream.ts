import { APIError, type OpenAI } from "openai";
import { z } from "zod";
import type { LlmTimeouts } from "./limits";
import { createCallClock, type CallClock } from "./call-clock";
import { isBrokenConnection, notTheApi, refused, timedOut, toEngineError } from "./model-error";

/** How long a stream that has told its end may take to send the usage and close. */
const AFTER_FINISH_MS = 2_000;

export type ChatMessage = OpenAI.Chat.ChatCompletionMessageParam;

/** Token counts of one call, as the endpoint reports them. */
export interface ChatUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/**
 * `stop` and `length` are the model's own words. `cut`: the stream ended without saying how, or its
 * connection broke, after text had come.
 */
export type ChatFinish = "stop" | "length" | "cut";

export type ChatPart =
  | { readonly type: "text"; readonly text: string }
  /** Something came that isn't text, such as a thought. */
  | { readonly type: "other" }
  | { readonly type: "end"; readonly finish: ChatFinish; readonly usage: ChatUsage | undefined };

export interface ChatCall {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly timeouts: LlmTimeouts;
  /** When the whole generation must have ended, in ms since the epoch. */
  readonly deadlineAt: number;
}

/** One streaming call: any number of texts and others, then one `end`. Leaving the iteration closes the socket. */
export type StreamChat = (call: ChatCall, signal: AbortSignal) => AsyncGenerator<ChatPart, void>;

const chunkSchema = z.object({
  choices: z
    .array(
      z.object({
        delta: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }).nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .nullish(),
  usage: z.object({ prompt_tokens: z.number(), completion_tokens: z.number() }).nullish().catch(undefined),
});

type Chunks = AsyncIterator<unknown>;

/**
 * Talks to one endpoint. Remembers when it refuses `stream_options`, and leaves them out from then on.
 *
 * The returned function throws EngineError for everything the endpoint can do wrong, and the signal's
 * reason once it is aborted.
 */
export function createChatStream(client: OpenAI): StreamChat {
  let asksForUsage = true;
  const secret = client.apiKey ?? undefined;

  async function openStream(call: ChatCall, clock: CallClock): Promise<Chunks> {
    const send = (): Promise<AsyncIterable<unknown>> =>
      client.chat.completions.create(
        {
          model: call.model,
          messages: [...call.messages],
          stream: true,
          ...(asksForUsage ? { stream_options: { include_usage: true } } : {}),
        },
        // Time limits are the clock's: the SDK's own ends with the headers.
        { signal: clock.signal, timeout: call.timeouts.totalMs + 1_000 },
      );
    try {
      return (await send())[Symbol.asyncIterator]();
    } catch (error) {
      if (!asksForUsage || !refusesStreamOptions(error)) throw error;
      asksForUsage = false;
      return (await send())[Symbol.asyncIterator]();
    }
  }

  return async function* streamChat(call, signal) {
    const { timeouts } = call;
    const clock = createCallClock(signal, call.deadlineAt - Date.now());
    let finish: "stop" | "length" | undefined;
    let usage: ChatUsage | undefined;
    let hasText = false;
    let chunks: Chunks | undefined;
    try {
      const openedAt = Date.now();
      chunks = await clock.within(openStream(call, clock), timeouts.firstChunkMs);
      let limitMs = Math.max(1, timeouts.firstChunkMs - (Date.now() - openedAt));
      for (;;) {
        const next = await clock.within(chunks.next(), limitMs);
        if (clock.signal.aborted) throw new Error("the call was given up");
        if (next.done === true) {
          // What isn't an event stream, such as a web page, is read as one without events.
          if (finish === undefined && !hasText) throw notTheApi();
          break;
        }
        const chunk = readChunk(next.value);
        usage = chunk.usage ?? usage;
        finish = chunk.finish ?? finish;
        limitMs = finish === undefined ? timeouts.idleMs : AFTER_FINISH_MS;
        if (chunk.text === "") {
          if (finish === undefined) yield { type: "other" };
          continue;
        }
        hasText = true;
        yield { type: "text", text: chunk.text };
      }
    } catch (error) {
      signal.throwIfAborted();
      if (finish === undefined) rethrowUnlessCut(error);
    } finally {
      clock.stop();
    }
    yield { type: "end", finish: finish ?? "cut", usage };

    function rethrowUnlessCut(error: unknown): void {
      if (clock.expired() === "total") throw timedOut(`took more than ${seconds(timeouts.totalMs)}`);
      if (clock.expired() === "idle") {
        const limitMs = hasText ? timeouts.idleMs : timeouts.firstChunkMs;
        throw timedOut(`sent nothing for ${seconds(limitMs)}`);
      }
      if (!hasText || !isBrokenConnection(error)) throw toEngineError(error, call.model, secret);
    }
  };
}

interface ReadChunk {
  readonly text: string;
  readonly finish: "stop" | "length" | undefined;
  readonly usage: ChatUsage | undefined;
}

function readChunk(value: unknown): ReadChunk {
  const parsed = chunkSchema.safeParse(value);
  if (!parsed.success) throw notTheApi();
  const choice = parsed.data.choices?.[0];
  if (choice?.finish_reason === "content_filter") throw refused();
  if ((choice?.delta?.refusal ?? "") !== "") throw refused();
  const { usage } = parsed.data;
  return {
    text: choice?.delta?.content ?? "",
    finish: readFinish(choice?.finish_reason),
    usage: usage ? { inputTokens: usage.prompt_tokens, outputTokens: usage.completion_tokens } : undefined,
  };
}

/** Endpoints have names of their own for the two ends; a reason that isn't known proves nothing. */
function readFinish(reason: string | null | undefined): "stop" | "length" | undefined {
  if (reason === null || reason === undefined || reason === "") return undefined;
  return /^(stop|eos|end_turn|stop_sequence)$/i.test(reason) ? "stop" : "length";
}

function refusesStreamOptions(error: unknown): boolean {
  if (!(error instanceof APIError) || (error.status !== 400 && error.status !== 422)) return false;
  return /stream_options|include_usage/.test(`${error.message} ${JSON.stringify(error.error ?? "")}`);
}

function seconds(milliseconds: number): string {
  return milliseconds < 1_000 ? `${milliseconds} ms` : `${Math.round(milliseconds / 1_000)} s`;
}
