import { Redis } from "ioredis";

/**
 * Sends one command after the other as an administrator would, past every proxy.
 *
 * @throws {Error} Redis doesn't answer, or refuses
 */
export async function commandRedis(url: string, ...commands: readonly (readonly string[])[]): Promise<void> {
  const client = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 1, commandTimeout: 10_000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    for (const [name = "", ...args] of commands) await client.call(name, ...args);
  } finally {
    client.disconnect();
  }
}
