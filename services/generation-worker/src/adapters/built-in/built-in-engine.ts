import { createHash } from "node:crypto";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import type { EngineEvent, EngineRequest, GenerationEngine } from "../../domain/generation-engine";
import { parseFilePath } from "../../domain/file-path";
import { readModel } from "./reading/read-model";
import { finishFile, planProject } from "./writing/write-project";

const TICK_MS = 30;
const MIN_CHUNK = 40;
const MAX_CHUNK = 120;

export interface BuiltInEngineOptions {
  /** How fast files grow before people's eyes; 0 for as fast as it can. */
  readonly charactersPerSecond: number;
  /** Milliseconds that only ever rise; default `performance.now`. */
  readonly clock?: () => number;
}

/**
 * The engine that needs no network and no key: reads resources, fields and relations out of plain English and
 * writes a TypeScript REST service. The same prompt yields the same files, so another attempt leaves out those
 * that are there as it would write them.
 */
export function createBuiltInEngine({
  charactersPerSecond,
  clock = () => performance.now(),
}: BuiltInEngineOptions): GenerationEngine {
  return {
    name: "builtin",
    generate: (request, signal) => generate(request, signal, createPace(charactersPerSecond, clock)),
  };
}

async function* generate(
  request: EngineRequest,
  signal: AbortSignal,
  pace: Pace,
): AsyncGenerator<EngineEvent, void, undefined> {
  signal.throwIfAborted();
  yield { type: "progress", percent: 0, stage: "Reading the prompt" };
  const model = readModel(request.prompt);
  for (const { level, message } of model.notes) yield { type: "log", level, message };
  const planned = planProject(model, request.prompt);
  const earlier = new Map(request.completedFiles?.map(({ path, sha256 }) => [path, sha256]));
  if (earlier.size > 0) yield { type: "log", level: "info", message: describeEarlier(earlier.size) };
  const total = planned.reduce((sum, { content }) => sum + content.length, 0);
  let written = 0;
  for (const file of planned) {
    signal.throwIfAborted();
    // The last percent is for the moment when everything is there.
    yield { type: "progress", percent: Math.min(99, Math.floor((written / total) * 100)), stage: file.stage };
    const { path, content } = await finishFile(file);
    written += file.content.length;
    if (earlier.get(path) === digest(content)) continue;
    yield { type: "file:opened", path: parseFilePath(path), op: "write" };
    for (const text of chunksOf(content, pace.chunkSize)) {
      await pace.wait(text.length, signal);
      yield { type: "file:delta", path, text };
    }
    yield { type: "file:completed", path };
  }
  signal.throwIfAborted();
  yield { type: "progress", percent: 100, stage: "Done" };
}

function describeEarlier(count: number): string {
  return `Going on after ${count === 1 ? "1 file" : `${count} files`} of an earlier attempt.`;
}

function digest(content: string): string {
  return createHash("sha256").update(content).digest("hex");
}

interface Pace {
  readonly chunkSize: number;
  /** Resolves when `characters` more are due; rejects with the signal's reason once it is aborted. */
  wait(characters: number, signal: AbortSignal): Promise<void>;
}

function createPace(charactersPerSecond: number, clock: () => number): Pace {
  const paced = charactersPerSecond > 0;
  const perTick = (charactersPerSecond * TICK_MS) / 1000;
  const chunkSize = paced ? Math.round(Math.min(Math.max(perTick, MIN_CHUNK), MAX_CHUNK)) : MAX_CHUNK;
  const startedAt = clock();
  let sent = 0;
  return {
    chunkSize,
    async wait(characters, signal) {
      sent += characters;
      const dueInMs = paced ? startedAt + (sent / charactersPerSecond) * 1000 - clock() : 0;
      // Timers are coarse: wait only when a tick's worth is ahead, so that the average stays right.
      if (dueInMs >= TICK_MS) await abortableSleep(dueInMs, signal);
      else await nextTurn();
      signal.throwIfAborted();
    },
  };
}

async function abortableSleep(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

/** Pieces of about `size` characters that never part a surrogate pair. */
function* chunksOf(text: string, size: number): Generator<string> {
  for (let start = 0; start < text.length;) {
    let end = Math.min(start + size, text.length);
    const last = text.charCodeAt(end - 1);
    if (end < text.length && last >= 0xd800 && last <= 0xdbff) end += 1;
    yield text.slice(start, end);
    start = end;
  }
}
