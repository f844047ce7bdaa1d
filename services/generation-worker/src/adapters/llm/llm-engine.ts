import { randomBytes } from "node:crypto";
import type {
  CompletedFile,
  EngineEvent,
  EngineRequest,
  GenerationEngine,
} from "../../domain/generation-engine";
import type { Writing } from "./answer-reader";
import { createChatStream } from "./chat-stream";
import { findFault } from "./checks/find-fault";
import { createEndpoint } from "./endpoint";
import { defaultLimits, defaultTimeouts, type LlmLimits, type LlmTimeouts } from "./limits";
import { countFiles, createNarrator } from "./narrator";
import { createProgramFiles } from "./program-files";
import { createRepairs } from "./repairs";
import { createShownFiles } from "./shown-files";
import { writeProgram } from "./write-program";

/** What of the files that have come is shown again to a model that goes on, in characters. */
const MAX_SHOWN_CHARACTERS = 120_000;

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
 * asked to go on, a bounded number of times: completed files stay, those of an earlier attempt too, the open one
 * comes again from its start, and only an answer whose end, count and files agree makes the program whole.
 * Files with gaps or syntax errors are asked for once more.
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
    const { prompt, model = options.model, completedFiles = [] } = request;
    const narrator = createNarrator();
    const files = createProgramFiles(limits, completedFiles);
    const writing: Writing = {
      nonce: createNonce(),
      limits,
      files,
      shown: createShownFiles(MAX_SHOWN_CHARACTERS),
      repairs: createRepairs(narrator),
      narrator,
      usesProtocol: false,
      hasAnswered: completedFiles.length > 0,
    };
    yield* takeOver(completedFiles, writing);
    signal.throwIfAborted();
    yield narrator.progress(files.completedCount(), `Waiting for ${model}`);
    const deadlineAt = Date.now() + timeouts.totalMs;
    yield* writeProgram({ streamChat, prompt, model, timeouts, deadlineAt, signal }, writing);
  }

  return { name: "llm", generate };
}

/** Reads the newest files of an earlier attempt, as many as the model is shown, and checks them. */
async function* takeOver(
  earlier: readonly CompletedFile[],
  { shown, repairs, narrator }: Writing,
): AsyncGenerator<EngineEvent, void> {
  if (earlier.length === 0) return;
  yield narrator.info(`Going on after ${countFiles(earlier.length)} of an earlier attempt.`);
  let room = MAX_SHOWN_CHARACTERS;
  const read = new Set<CompletedFile>();
  for (const file of [...earlier].reverse()) {
    if (file.bytes > room) continue;
    room -= file.bytes;
    read.add(file);
  }
  for (const file of earlier.filter((one) => read.has(one))) {
    const known = { path: file.path, content: await file.readContent() };
    shown.keep(known);
    yield* repairs.checked(known, findFault(known.path, known.content));
  }
}
