import type { RedisClient } from "./redis-role";

/** Gives a client that is connecting up to `timeoutMs`. @returns whether it is connected */
export function waitUntilReady(client: RedisClient, timeoutMs: number): Promise<boolean> {
  if (client.status === "ready") return Promise.resolve(true);
  return new Promise((resolve) => {
    const settle = () => {
      clearTimeout(timer);
      client.off("ready", settle);
      resolve(client.status === "ready");
    };
    const timer = setTimeout(settle, timeoutMs);
    client.once("ready", settle);
  });
}
