import { fork } from "node:child_process";
import { join } from "node:path";
import type { CacheQuestions } from "./cache-process";

/** A process of its own with a cache in it. */
export interface CacheProcess {
  readonly ask: CacheQuestions;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts it and waits until it is connected. It ends with the process that started it. */
export async function startCacheProcess(url: string): Promise<CacheProcess> {
  const child = fork(join(__dirname, "run-typescript.cjs"), [join(__dirname, "cache-process.ts")], {
    env: { ...process.env, REDIS_URL: url },
    execArgv: [],
  });
  const waiting = new Map<number, { resolve: (answer: unknown) => void; reject: (error: Error) => void }>();
  const exited = new Promise<void>((resolve) => {
    child.once("exit", (code) => {
      for (const { reject } of waiting.values())
        reject(new Error(`the process ended with ${code ?? "a signal"}`));
      resolve();
    });
  });
  let lastId = 0;
  child.on("message", (message) => {
    const { id, answer } = message as { id: number; answer?: unknown };
    waiting.get(id)?.resolve(answer);
    waiting.delete(id);
  });

  const isReady = new Promise((resolve, reject) => waiting.set(0, { resolve, reject }));
  const ask = (method: keyof CacheQuestions) => (argument: unknown) =>
    new Promise<never>((resolve, reject) => {
      lastId += 1;
      waiting.set(lastId, { resolve: resolve as (answer: unknown) => void, reject });
      child.send({ id: lastId, method, argument });
    });
  await isReady;
  return {
    ask: { burst: ask("burst"), get: ask("get"), invalidate: ask("invalidate"), counts: ask("counts") },
    pid: child.pid ?? 0,
    async stop() {
      child.disconnect();
      await exited;
    },
  };
}
