import { Redis } from "ioredis";

/** Whom to ask. */
export interface AskedRedis {
  readonly port: number;
  /** "" for none */
  readonly password?: string;
}

/**
 * Sends one command to a server of ours, over a connection of its own.
 *
 * @throws {Error} with the server's words, or when it doesn't answer within 2 s
 */
export async function askRedis({ port, password = "" }: AskedRedis, ...command: string[]): Promise<unknown> {
  const [name = "PING", ...parameters] = command;
  const client = new Redis({
    port,
    host: "127.0.0.1",
    ...(password === "" ? {} : { password }),
    lazyConnect: true,
    enableReadyCheck: false,
    retryStrategy: () => null,
    connectTimeout: 2_000,
    commandTimeout: 2_000,
  });
  client.on("error", () => undefined);
  try {
    return await client.call(name, ...parameters);
  } finally {
    client.disconnect();
  }
}
