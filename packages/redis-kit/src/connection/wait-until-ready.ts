import { currentRedisBudget } from "../degradation/budget";
import type { RedisClient } from "./redis-role";

/** Who waits for a client; one listener serves them all, however many requests there are. */
const waiting = new WeakMap<RedisClient, Set<() => void>>();

/**
 * Gives a client that is connecting up to `timeoutMs`, in a request no more than its budget still has.
 *
 * @returns whether it is connected
 */
export async function waitUntilReady(client: RedisClient, timeoutMs: number): Promise<boolean> {
  if (client.status === "ready") return true;
  const budget = currentRedisBudget();
  const end = budget?.begin();
  try {
    return await waitFor(client, Math.min(timeoutMs, budget?.leftMs() ?? timeoutMs));
  } finally {
    end?.();
  }
}

function waitFor(client: RedisClient, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = () => {
      clearTimeout(timer);
      waiters.delete(settle);
      resolve(client.status === "ready");
    };
    const waiters = waitersOf(client).add(settle);
    const timer = setTimeout(settle, timeoutMs);
  });
}

function waitersOf(client: RedisClient): Set<() => void> {
  const known = waiting.get(client);
  if (known !== undefined) return known;
  const waiters = new Set<() => void>();
  waiting.set(client, waiters);
  client.on("ready", () => {
    for (const settle of [...waiters]) settle();
  });
  return waiters;
}
