import { z } from "zod";
import type { RedisCommands } from "../connection/redis-commands";
import type { RedisRole } from "../connection/redis-role";
import type { RedisKeys } from "../keys";
import { ok } from "../outcome";
import type { Guarded } from "../outcome";
import type { SessionRecord } from "./session-record";

const storedSchema = z.object({
  id: z.string(),
  userId: z.string(),
  userEpoch: z.number(),
  createdAt: z.number(),
  lastSeenAt: z.number(),
  idleExpiresAt: z.number(),
  absoluteExpiresAt: z.number(),
  userAgent: z.string().optional(),
  ip: z.string().optional(),
});

/**
 * What stands in a revoked session's place for a minute: no answer by itself (the truth is asked), but it
 * keeps a slower process from putting back the value it read before the revocation.
 */
const tombstone = "revoked";
export const tombstoneMs = 60_000;

/** A session as found in Redis, with the text needed to change it only if nobody else has. */
export interface StoredSession {
  readonly record: SessionRecord;
  readonly text: string;
}

/** Sessions as Redis holds them: the value by hash, and per user the set of hashes. */
export interface SessionValues {
  /** `ok` with undefined: not there, revoked or unreadable; only the truth may say what that means */
  find(hash: string): Promise<Guarded<StoredSession | undefined>>;
  /** Puts a session in, unless something stands in its place already. */
  put(hash: string, record: SessionRecord, nowMs: number): Promise<Guarded<void>>;
  /** Replaces a session only if it is still what was read, so that a revocation is never overwritten. */
  replace(hash: string, stored: StoredSession, next: { record: SessionRecord; nowMs: number }): Promise<void>;
  /** Leaves tombstones. */
  revoke(hashes: readonly string[]): Promise<Guarded<void>>;
  listByUser(userId: string): Promise<Guarded<readonly SessionRecord[]>>;
}

/** @param deps the state role and its keys */
export function createSessionValues({ role, keys }: { role: RedisRole; keys: RedisKeys }): SessionValues {
  return {
    find: (hash) =>
      role.guard.run("session.get", shorten(hash), async (redis) => {
        const text = await redis.get(keys.session(hash));
        const record = text === undefined ? undefined : parseRecord(text);
        return text === undefined || record === undefined ? undefined : { record, text };
      }),

    put: (hash, record, nowMs) =>
      role.guard.run("session.put", shorten(hash), async (redis) => {
        const ttlMs = remainingMs(record, nowMs);
        if (ttlMs <= 0) return;
        const index = keys.sessionIndex(record.userId);
        const answers = await redis.pipeline([
          { command: "set", key: keys.session(hash), value: JSON.stringify(record), ttlMs, only: "absent" },
          { command: "sadd", key: index, member: hash },
          { command: "pexpire", key: index, ttlMs: record.absoluteExpiresAt - record.createdAt },
        ]);
        for (const answer of answers) if (!answer.ok) throw answer.error;
      }),

    async replace(hash, stored, { record, nowMs }) {
      const ttlMs = remainingMs(record, nowMs);
      if (ttlMs <= 0) return;
      const change = { previous: stored.text, next: JSON.stringify(record), ttlMs };
      await role.guard.run("session.touch", shorten(hash), (redis) =>
        redis.compareAndSet(keys.session(hash), change),
      );
    },

    revoke: (hashes) =>
      hashes.length === 0
        ? Promise.resolve(ok(undefined))
        : role.guard.run("session.revoke", shorten(hashes[0] ?? ""), (redis) =>
            writeTombstones(redis, hashes.map(keys.session)),
          ),

    listByUser: (userId) =>
      role.guard.run("session.list", userId, async (redis) => {
        const hashes = await redis.smembers(keys.sessionIndex(userId));
        const texts = await redis.mget(hashes.map(keys.session));
        const records = texts.flatMap((text) => (text === undefined ? [] : (parseRecord(text) ?? [])));
        return records.sort((a, b) => b.lastSeenAt - a.lastSeenAt);
      }),
  };
}

/** Writes tombstones over sessions. @throws the first error reply, after trying all */
export async function writeTombstones(redis: RedisCommands, sessionKeys: readonly string[]): Promise<void> {
  const answers = await redis.pipeline(
    sessionKeys.map((key) => ({ command: "set", key, value: tombstone, ttlMs: tombstoneMs }) as const),
  );
  for (const answer of answers) if (!answer.ok) throw answer.error;
}

function remainingMs(record: SessionRecord, nowMs: number): number {
  return Math.min(record.idleExpiresAt, record.absoluteExpiresAt) - nowMs;
}

/** Enough of a hash to follow it through a log, too little to be of use. */
function shorten(hash: string): string {
  return hash.slice(0, 12);
}

function parseRecord(text: string): SessionRecord | undefined {
  if (text === tombstone) return undefined;
  try {
    const parsed = storedSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
