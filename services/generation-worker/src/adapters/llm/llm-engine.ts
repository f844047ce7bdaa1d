import { randomBytes } from "node:crypto";
import {
  EngineError,
  type EngineEvent,
  type EngineRequest,
  type GenerationEngine,
} from "../../domain/generation-engine";
import { createAnswerReader, type AnswerEnd, type Writing } from "./answer-reader";
import { createChatStream, type ChatFinish, type ChatMessage, type ChatUsage } from "./chat-stream";
import { createEndpoint } from "./endpoint";
import { defaultLimits, defaultTimeouts, type LlmLimits, type LlmTimeouts } from "./limits";
import { countFiles, createNarrator } from "./narrator";
import { createProgramFiles, type ProgramFile } from "./program-files";
import { createContinuationPrompt, createSystemPrompt, renderFinishedFiles } from "./system-prompt";

export interface LlmEngineOptions {
  /** Of any OpenAI-compatible endpoint, such as `https://api.openai.com/v1` or `http://localhost:11434/v1`. */
  readonly baseUrl: string;
  /** Undefined or empty where the endpoint needs none. */
  readonly apiKey: string | undefined;
  /** Used where the request names no model. */
  readonly model: string;
  readonly limits?: Partial<LlmLimits>;
  readonly timeouts?: Partial<LlmTimeouts>;
  /** Marks the file protocol's lines of one generation; random by default. */
  readonly nonce?: () => string;
}

/**
 * An engine that has a language model write the program. It never retries. A model that was cut off is
 * asked to go on, a bounded number of times: completed files stay, the open one comes again from its start,
 * and only an answer whose end, count and files agree makes the program whole.
 *
 * @throws {Error} `baseUrl` isn't an http(s) URL
 */
export function createLlmEngine(options: LlmEngineOptions): GenerationEngine {
  const streamChat = createChatStream(createEndpoint(options.baseUrl, options.apiKey));
  const limits = { ...defaultLimits, ...options.limits };
  const timeouts = { ...defaultTimeouts, ...options.timeouts };
  const createNonce = options.nonce ?? (() => randomBytes(6).toString("hex"));

  async function* generate(request: EngineRequest, signal: AbortSignal): AsyncGenerator<EngineEvent, void> {
    signal.throwIfAborted();
    const model = request.model ?? options.model;
    const deadlineAt = Date.now() + timeouts.totalMs;
    const files = createProgramFiles(limits, await readFiles(request));
    const narrator = createNarrator();
    const writing: Writing = { nonce: createNonce(), limits, files, narrator, usesProtocol: false };
    let usage: ChatUsage | undefined;
    yield narrator.progress(files.completed().length, `Waiting for ${model}`);

    for (let continuations = 0; ; continuations += 1) {
      const reader = createAnswerReader(writing);
      const call = { model, messages: createMessages(request.prompt, writing), timeouts, deadlineAt };
      let finish: ChatFinish = "cut";
      for await (const part of streamChat(call, signal)) {
        if (part.type === "text") {
          yield* reader.push(part.text);
          continue;
        }
        finish = part.finish;
        if (part.usage === undefined) continue;
        usage = addUsage(usage, part.usage);
        yield { type: "usage", ...usage };
      }
      const end = reader.end(finish);
      yield* end.events;
      if (end.isWhole) return;
      refuseEmptyAnswer(writing, finish, end);
      if (continuations === limits.maxContinuations) throw truncated(writing, finish);
      yield narrator.warn(
        `The answer is incomplete after ${countFiles(files.completed().length)}; asking the model to go on (${continuations + 1} of ${limits.maxContinuations}).`,
      );
    }
  }

  return { name: "llm", generate };
}

async function readFiles({ completedFiles = [] }: EngineRequest): Promise<ProgramFile[]> {
  const files: ProgramFile[] = [];
  for (const file of completedFiles) files.push({ path: file.path, content: await file.readContent() });
  return files;
}

/** The talk so far, with the finished files in place of the answers that held them. */
function createMessages(prompt: string, { nonce, files }: Writing): ChatMessage[] {
  const system: ChatMessage = { role: "system", content: createSystemPrompt(nonce) };
  const finished = files.completed();
  const unfinished = files.unfinished();
  if (finished.length === 0 && unfinished.length === 0) return [system, { role: "user", content: prompt }];
  const goOn = createContinuationPrompt(nonce, { finished, unfinished });
  const shown = renderFinishedFiles(nonce, finished);
  // Some models' templates refuse two messages of one side in a row.
  if (shown === "") return [system, { role: "user", content: `${prompt}\n\n---\n${goOn}` }];
  return [
    system,
    { role: "user", content: prompt },
    { role: "assistant", content: shown },
    { role: "user", content: goOn },
  ];
}

function addUsage(sum: ChatUsage | undefined, more: ChatUsage): ChatUsage {
  return {
    inputTokens: (sum?.inputTokens ?? 0) + more.inputTokens,
    outputTokens: (sum?.outputTokens ?? 0) + more.outputTokens,
  };
}

/**
 * Asking again after an answer without the beginning of a file would be a retry, which is not the engine's.
 *
 * @throws {EngineError} nothing has come that an answer could go on from
 */
function refuseEmptyAnswer({ files, usesProtocol }: Writing, finish: ChatFinish, end: AnswerEnd): void {
  if (files.completed().length > 0 || files.unfinished().length > 0) return;
  if (finish === "cut") {
    const message = "The model's answer broke off before its first file.";
    throw new EngineError("model_unavailable", message, { retryable: true });
  }
  if (finish === "length") {
    const message = "The model reached its length limit before its first file.";
    throw new EngineError("output_truncated", message, { retryable: false });
  }
  const wrote = usesProtocol ? "Its files have no header that can be read." : "Its answer was empty.";
  const said = end.said === "" ? wrote : `It said: “${end.said}”`;
  throw new EngineError("output_invalid", `The model wrote no file. ${said}`, { retryable: false });
}

function truncated({ files, limits }: Writing, finish: ChatFinish): EngineError {
  const count = files.completed().length;
  const why = {
    cut: "the connection to the model broke again and again, or it never told how its answer ended",
    length: "the answers hit the model's length limit",
    stop: "the model never said that the program is whole",
  }[finish];
  const message = `The program is incomplete after ${limits.maxContinuations + 1} answers and ${countFiles(count)}: ${why}.`;
  return new EngineError("output_truncated", message, { retryable: finish === "cut" });
}
