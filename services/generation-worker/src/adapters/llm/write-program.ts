import { EngineError, type EngineEvent } from "../../domain/generation-engine";
import { createAnswerReader, restoreFile, type AnswerEnd, type Writing } from "./answer-reader";
import type { ChatFinish, ChatMessage, ChatUsage, StreamChat } from "./chat-stream";
import { createContinuationPrompt, renderFiles } from "./continuation-prompt";
import type { LlmTimeouts } from "./limits";
import { countFiles } from "./narrator";
import type { BrokenFile } from "./repairs";
import { createSystemPrompt } from "./system-prompt";

export interface Talk {
  readonly streamChat: StreamChat;
  readonly prompt: string;
  readonly model: string;
  readonly timeouts: LlmTimeouts;
  /** When the whole generation must have ended, in ms since the epoch. */
  readonly deadlineAt: number;
  readonly signal: AbortSignal;
}

type Events<Result = void> = AsyncGenerator<EngineEvent, Result>;

interface Answer extends AnswerEnd {
  readonly finish: ChatFinish;
}

/**
 * Has a model write a program: asks, asks for the rest while something is missing, then once more for every
 * file that can't be used. Ends only when the program is whole.
 *
 * @throws {EngineError} the model failed, or what is there stays incomplete
 */
export async function* writeProgram(talk: Talk, writing: Writing): Events {
  const ask = createAsk(talk, writing);
  yield* writeRest(ask, writing, ({ isWhole }) => isWhole);
  yield* repairFiles(ask, writing);
  talk.signal.throwIfAborted();
}

type Ask = ReturnType<typeof createAsk>;

/** One call to the model. Usage adds up over all of them. */
function createAsk({ streamChat, prompt, ...call }: Talk, writing: Writing) {
  const { files, narrator } = writing;
  const usage = { inputTokens: 0, outputTokens: 0 };

  function countUsage(more: ChatUsage | undefined): EngineEvent[] {
    if (more === undefined) return [];
    usage.inputTokens += more.inputTokens;
    usage.outputTokens += more.outputTokens;
    return [{ type: "usage", ...usage }];
  }

  return async function* ask(broken: readonly BrokenFile[]): Events<Answer> {
    const reader = createAnswerReader(writing);
    const messages = createMessages(prompt, writing, broken);
    writing.hasAnswered = true;
    let finish: ChatFinish = "cut";
    let quietSince = Date.now();
    try {
      for await (const part of streamChat({ ...call, messages }, call.signal)) {
        const events = part.type === "text" ? reader.push(part.text) : [];
        if (part.type === "end") {
          finish = part.finish;
          events.push(...countUsage(part.usage));
        } else if (events.length === 0 && Date.now() - quietSince >= call.timeouts.quietMs) {
          events.push(narrator.progress(files.completedCount(), "The model is thinking"));
        }
        if (events.length > 0) quietSince = Date.now();
        yield* events;
      }
    } catch (error) {
      files.abandon();
      throw error;
    }
    const end = reader.end(finish);
    yield* end.events;
    return { ...end, finish };
  };
}

/** @throws {EngineError} `isDone` doesn't come true within the limits */
async function* writeRest(ask: Ask, writing: Writing, isDone: (answer: Answer) => boolean): Events {
  const { files, limits, narrator } = writing;
  let fruitless = 0;
  for (let continuations = 0; ; continuations += 1) {
    const answer = yield* ask([]);
    if (isDone(answer)) return;
    refuseEmptyAnswer(writing, answer);
    fruitless = answer.hasProgress ? 0 : fruitless + 1;
    if (continuations === limits.maxContinuations || fruitless === limits.maxFruitless) {
      throw truncated(writing, answer.finish);
    }
    const [open] = files.unfinished();
    const within = open === undefined ? "" : ` and within ${open}`;
    yield narrator.warn(
      `The answer is incomplete after ${countFiles(files.completedCount())}${within}; asking the model to go on (${continuations + 1} of at most ${limits.maxContinuations}).`,
    );
  }
}

/** A repair that fails leaves the program as it was, which is whole. */
async function* repairFiles(ask: Ask, writing: Writing): Events {
  const { files, limits, narrator, repairs } = writing;
  for (let calls = 0; calls < limits.maxRepairs; calls += 1) {
    const broken = repairs.takeNext();
    if (broken.length === 0) break;
    const paths = broken.map(({ path }) => path).join(", ");
    yield narrator.info(`Asking the model again for ${countFiles(broken.length)}: ${paths}.`);
    const failure = yield* repair(ask, writing, broken);
    if (failure === undefined) continue;
    yield narrator.warn(`Asking again failed: ${failure.message}`);
    break;
  }
  if (files.unfinished().length > 0) yield* writeRest(ask, writing, () => files.unfinished().length === 0);
  yield* repairs.giveUp();
}

async function* repair(
  ask: Ask,
  writing: Writing,
  broken: readonly BrokenFile[],
): Events<EngineError | undefined> {
  let failure: EngineError | undefined;
  try {
    yield* ask(broken);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    failure = error;
  }
  for (const path of writing.files.unfinished()) {
    const content = writing.repairs.earlierTextOf(path);
    if (content !== undefined) yield* restoreFile(writing, { path, content });
  }
  return failure;
}

/** The talk so far, with the files that have come in place of the answers that held them. */
function createMessages(prompt: string, writing: Writing, broken: readonly BrokenFile[]): ChatMessage[] {
  const { nonce, files, shown } = writing;
  const system: ChatMessage = { role: "system", content: createSystemPrompt(nonce) };
  if (!writing.hasAnswered) return [system, { role: "user", content: prompt }];
  const saved = files.completedPaths();
  const goOn = createContinuationPrompt(nonce, { saved, unfinished: files.unfinished(), broken });
  const rendered = renderFiles(nonce, shown.list());
  // Some models' templates refuse two messages of one side in a row.
  if (rendered === "") return [system, { role: "user", content: `${prompt}\n\n---\n${goOn}` }];
  return [
    system,
    { role: "user", content: prompt },
    { role: "assistant", content: rendered },
    { role: "user", content: goOn },
  ];
}

/**
 * Asking again after an answer that broke off without the beginning of a file would be a retry, which isn't
 * the engine's; and a model that has ended without one has nothing to go on with.
 *
 * @throws {EngineError} nothing has come that an answer could go on from
 */
function refuseEmptyAnswer({ files, usesProtocol }: Writing, { finish, said }: Answer): void {
  if (files.completedCount() > 0 || files.unfinished().length > 0 || finish === "length") return;
  if (finish === "cut") {
    const message = "The model's answer broke off before its first file.";
    throw new EngineError("model_unavailable", message, { retryable: true });
  }
  const wrote = usesProtocol ? "Its files have no header that can be read." : "Its answer was empty.";
  const words = said === "" ? wrote : `It said: “${said}”`;
  throw new EngineError("output_invalid", `The model wrote no file. ${words}`, { retryable: false });
}

function truncated({ files }: Writing, finish: ChatFinish): EngineError {
  const why = {
    cut: "the connection to the model broke again and again, or it never told how its answer ended",
    length: "the answers hit the model's length limit",
    stop: "the model never said that the program is whole",
  }[finish];
  const message = `The program is incomplete after ${countFiles(files.completedCount())}: ${why}.`;
  return new EngineError("output_truncated", message, { retryable: finish === "cut" });
}
