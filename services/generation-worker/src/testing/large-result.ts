import { createGenerations } from "@vibe-friend/database/repositories/generations";
import { newGeneration, type TestSchema } from "@vibe-friend/database/testing/test-schema";
import { createHash } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { EngineEvent, EngineRequest, GenerationEngine } from "../domain/generation-engine";
import { until } from "../domain/testing/until";
import { quickTimes, startTestWorker } from "./test-worker";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const CHUNK_LENGTH = 4096;

interface LargeResult {
  readonly files: number;
  readonly fileBytes: number;
}

/** What the file with this number holds: every line differs, and no two files are alike. */
function* largeFile(number: number, { fileBytes }: LargeResult): Generator<string> {
  for (let at = 0; at < fileBytes; at += CHUNK_LENGTH) {
    const line = `${number}:${at}:${((at + number) * 2_654_435_761) % 4_294_967_296};\n`;
    yield line.repeat(Math.ceil(CHUNK_LENGTH / line.length)).slice(0, Math.min(CHUNK_LENGTH, fileBytes - at));
  }
}

const largePath = (number: number) => `data/file-${String(number).padStart(3, "0")}.txt`;

function hashOf(number: number, result: LargeResult): string {
  const hash = createHash("sha256");
  for (const chunk of largeFile(number, result)) hash.update(chunk);
  return hash.digest("hex");
}

/** Writes the files that aren't complete yet, chunk by chunk, as fast as it may. */
function createLargeEngine(result: LargeResult): GenerationEngine {
  async function* generate({ completedFiles = [] }: EngineRequest, signal: AbortSignal) {
    const done = new Set(completedFiles.map(({ path }) => path));
    for (let number = 0; number < result.files; number += 1) {
      const path = largePath(number);
      if (done.has(path)) continue;
      yield { type: "file:opened", path, op: "write" } satisfies EngineEvent;
      for (const text of largeFile(number, result)) {
        signal.throwIfAborted();
        yield { type: "file:delta", path, text } satisfies EngineEvent;
      }
      yield { type: "file:completed", path } satisfies EngineEvent;
      await Promise.resolve();
    }
  }
  return { name: "builtin", generate };
}

/** Has a worker write it and looks at what became of it. @returns the memory that the worker held on to meanwhile */
export async function runLargeResult(schema: TestSchema, result: LargeResult, timeoutMs: number) {
  const generations = createGenerations(schema.database);
  const userId = await schema.addUser();
  const { generation } = await generations.submit(newGeneration(userId));
  const worker = await startTestWorker({
    ...{ name: "large", databaseUrl: schema.url, redisUrl: "none", engine: createLargeEngine(result) },
    times: { ...quickTimes, leaseMs: 6000, flushMs: 5 },
  });
  const memory = watchMemory(500);
  try {
    await until(() => worker.outcomes.length > 0, timeoutMs);
  } finally {
    await worker.stop();
    await worker.close();
  }
  const heldBytes = memory.stop();
  expect(worker.outcomes).toEqual(["completed"]);
  expect(await generations.listFiles(userId, generation.id)).toEqual(
    Array.from({ length: result.files }, (_, number) => ({
      path: largePath(number),
      bytes: result.fileBytes,
      sha256: hashOf(number, result),
      partial: false,
    })),
  );
  const last = result.files - 1;
  const { content } = await generations.openFile(userId, generation.id, largePath(last));
  const hash = createHash("sha256");
  for await (const part of content) hash.update(part);
  expect(hash.digest("hex")).toBe(hashOf(last, result));
  return { heldBytes };
}

/** Watches how much memory this process holds on to: heap and buffers, after collecting garbage. */
function watchMemory(everyMs: number) {
  const held = () => {
    collectGarbage();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const before = held();
  let highest = before;
  const timer = setInterval(() => {
    highest = Math.max(highest, held());
  }, everyMs);
  return {
    /** @returns bytes above the beginning */
    stop(): number {
      clearInterval(timer);
      return highest - before;
    },
  };
}
