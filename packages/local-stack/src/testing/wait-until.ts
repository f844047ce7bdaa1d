import { setTimeout as sleep } from "node:timers/promises";

/** @throws {Error} when it has not come true in time */
export async function waitUntil(isTrue: () => boolean | Promise<boolean>, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(`still waiting after ${timeoutMs} ms`);
    await sleep(50);
  }
}
