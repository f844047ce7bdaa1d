import { setTimeout as sleep } from "node:timers/promises";

interface WaitOptions {
  readonly timeoutMs?: number;
  readonly everyMs?: number;
}

/** Asks until there is an answer that isn't undefined. Errors count as no answer until the time is up. */
export async function waitFor<T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
  { timeoutMs = 20_000, everyMs = 50 }: WaitOptions = {},
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  let lastError: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    if (Date.now() > deadline) {
      throw new Error(`Waited ${timeoutMs} ms in vain for ${what}`, { cause: lastError });
    }
    await sleep(everyMs);
  }
}
