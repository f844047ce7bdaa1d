import type { GenerationEvent } from "@vibe-friend/contracts/generation-event";
import { newEvent, newGeneration } from "../testing/memory-gateway";
import { createAwaitGeneration } from "./await-generation";

function setup(options: { timeoutMs?: number; maxWaiters?: number } = {}) {
  const draining = new AbortController();
  const listeners = new Set<(events: readonly GenerationEvent[]) => void | Promise<void>>();
  let latest = newGeneration();
  const awaitGeneration = createAwaitGeneration({
    store: { find: () => Promise.resolve(latest) },
    feed: {
      follow: (_position, { onEvents }) => {
        listeners.add(onEvents);
        return Promise.resolve({ close: () => listeners.delete(onEvents) });
      },
    },
    timeoutMs: options.timeoutMs ?? 5000,
    maxWaiters: options.maxWaiters ?? 10,
    draining: draining.signal,
  });
  return {
    wait: (signal = new AbortController().signal) => awaitGeneration(newGeneration(), signal),
    awaitGeneration,
    listeners,
    draining,
    async complete() {
      while (listeners.size === 0) await new Promise(setImmediate);
      latest = newGeneration({ status: "completed", lastSeq: 2 });
      for (const onEvents of listeners) void onEvents([newEvent(2, { type: "completed", files: 1 })]);
    },
  };
}

it("answers with the finished generation, and stops following", async () => {
  const { wait, complete, listeners } = setup();
  const waiting = wait();
  await complete();
  expect((await waiting).status).toBe("completed");
  expect(listeners.size).toBe(0);
});

it("answers with what there is when the time is over", async () => {
  const { wait, listeners } = setup({ timeoutMs: 20 });
  expect((await wait()).status).toBe("queued");
  expect(listeners.size).toBe(0);
});

it("stops waiting when the process does, and when the client has gone", async () => {
  const { wait, draining, listeners } = setup();
  const gone = new AbortController();
  const abandoned = wait(gone.signal);
  gone.abort();
  await abandoned;
  const waiting = wait();
  draining.abort();
  await waiting;
  await wait();
  expect(listeners.size).toBe(0);
});

it("doesn't wait for what has ended, nor beyond the number of waiters", async () => {
  const { awaitGeneration, wait, complete } = setup({ maxWaiters: 1 });
  const ended = newGeneration({ status: "failed" });
  expect(await awaitGeneration(ended, new AbortController().signal)).toBe(ended);
  const first = wait();
  expect((await wait()).status).toBe("queued");
  await complete();
  expect((await first).status).toBe("completed");
  const third = wait();
  await complete();
  expect((await third).status).toBe("completed");
});

it("answers with what was acknowledged when it can't be followed, at once or ever", async () => {
  const dependencies = {
    store: { find: () => Promise.reject(new Error("Postgres is away")) },
    timeoutMs: 50,
    maxWaiters: 1,
    draining: new AbortController().signal,
  };
  for (const follow of [
    () => Promise.reject(new Error("no feed")),
    () => new Promise<never>(() => undefined),
  ]) {
    const awaitGeneration = createAwaitGeneration({ ...dependencies, feed: { follow } });
    expect((await awaitGeneration(newGeneration(), new AbortController().signal)).status).toBe("queued");
  }
});
