import { Redis } from "ioredis";

/** Writes `key:0`, `key:1`, …: 1 KB of text each, that begins with the key. */
export async function fillKeys(redisUrl: string, count: number): Promise<void> {
  const client = new Redis(redisUrl);
  try {
    const texts = Array.from({ length: count }, (_, index) => `key:${index} ${"x".repeat(1000)}`);
    await client.mset(Object.fromEntries(texts.map((text, index) => [`key:${index}`, text])));
  } finally {
    client.disconnect();
  }
}

/** Forgets every key of every database. */
export async function flushRedis(redisUrl: string): Promise<void> {
  const client = new Redis(redisUrl);
  try {
    await client.flushall();
  } finally {
    client.disconnect();
  }
}
