import { z } from "zod";
import type { PipelineStep, RedisCommands } from "../connection/redis-commands";
import type { RedisRole } from "../connection/redis-role";
import type { RedisKeys } from "../keys";
import { ok } from "../outcome";
import type { Guarded } from "../outcome";
import type { SessionRecord } from "./session-record";

const storedSchema = z.object({
  /** absent in what a version without epochs wrote: never of the current one */
  epoch: z.number().default(-1),
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

/**
 * What was read from the truth is put into Redis within this time or not at all. A process that was stopped
 * in between would come after the tombstone is gone; and looks would no longer show the revocation. Milliseconds.
 */
export const putWithinMs = 1500;

/** A session as found in Redis, with the text needed to change it only if nobody else has. */
export interface StoredSession {
  readonly record: SessionRecord;
  readonly epoch: number;
  readonly text: string;
}

/** What stands under a session's key: a session, or something that is none (a tombstone is `isHeld`). */
export interface FoundSession {
  readonly session?: StoredSession;
  /** a revocation holds the place: nothing may be put there */
  readonly isHeld: boolean;
  readonly text?: string;
}

/** How a session is put into Redis. */
export interface PutSession {
  readonly record: SessionRecord;
  readonly epoch: number;
  /** on the sessions' clock */
  readonly nowMs: number;
  /** when the truth was asked (performance.now()) */
  readonly askedAtMs: number;
  /** what stood in its place, of another epoch: replaced only if it still does */
  readonly previous?: string;
}

/** Sessions as Redis holds them: the value by hash, and per user the set of hashes. */
export interface SessionValues {
  /** `ok` without a session: only the truth may say what that means */
  find(hash: string): Promise<Guarded<FoundSession>>;
  /** Puts a session in, unless something stands in its place already, or too much time has passed. */
  put(hash: string, put: PutSession): Promise<Guarded<void>>;
  /** Takes out what `put` put in, if it is still that. */
  takeBack(hash: string, put: PutSession): Promise<Guarded<void>>;
  /** Replaces a session only if it is still what was read, so that a revocation is never overwritten. */
  replace(hash: string, stored: StoredSession, next: { record: SessionRecord; nowMs: number }): Promise<void>;
  /** Leaves tombstones. */
  revoke(hashes: readonly string[]): Promise<Guarded<void>>;
  listByUser(userId: string): Promise<Guarded<readonly (StoredSession & { readonly hash: string })[]>>;
}

/** @param deps the state role and its keys */
export function createSessionValues({ role, keys }: { role: RedisRole; keys: RedisKeys }): SessionValues {
  return {
    find: (hash) =>
      role.guard.run("session.get", shorten(hash), async (redis) => {
        const text = await redis.get(keys.session(hash));
        const session = text === undefined ? undefined : parseStored(text);
        return {
          isHeld: text === tombstone,
          ...(text === undefined ? {} : { text }),
          ...(session === undefined ? {} : { session }),
        };
      }),

    put: (hash, put) =>
      role.guard.run("session.put", shorten(hash), async (redis) => {
        const { record, previous } = put;
        const ttlMs = remainingMs(record, put.nowMs);
        // Looked at last of all, in the same tick in which the command is sent.
        if (ttlMs <= 0 || performance.now() - put.askedAtMs > putWithinMs) return;
        const key = keys.session(hash);
        const value = toText(put);
        const index = keys.sessionIndex(record.userId);
        const noted: PipelineStep[] = [
          { command: "sadd", key: index, member: hash },
          { command: "pexpire", key: index, ttlMs: record.absoluteExpiresAt - record.createdAt },
        ];
        const [answers] = await Promise.all(
          previous === undefined
            ? [redis.pipeline([{ command: "set", key, value, ttlMs, only: "absent" }, ...noted])]
            : [redis.pipeline(noted), redis.compareAndSet(key, { previous, next: value, ttlMs })],
        );
        for (const answer of answers) if (!answer.ok) throw answer.error;
      }),

    takeBack: (hash, put) =>
      role.guard.run("session.take-back", shorten(hash), async (redis) => {
        await redis.compareAndDelete(keys.session(hash), toText(put));
      }),

    async replace(hash, stored, { record, nowMs }) {
      const ttlMs = remainingMs(record, nowMs);
      if (ttlMs <= 0) return;
      const next = toText({ epoch: stored.epoch, record });
      await role.guard.run("session.touch", shorten(hash), (redis) =>
        redis.compareAndSet(keys.session(hash), { previous: stored.text, next, ttlMs }),
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
        const stored = texts.flatMap((text, at) => {
          const session = text === undefined ? undefined : parseStored(text);
          return session === undefined ? [] : [{ ...session, hash: hashes[at] ?? "" }];
        });
        return stored.sort((a, b) => b.record.lastSeenAt - a.record.lastSeenAt);
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

function toText({ epoch, record }: { epoch: number; record: SessionRecord }): string {
  return JSON.stringify({ epoch, ...record });
}

function remainingMs(record: SessionRecord, nowMs: number): number {
  return Math.min(record.idleExpiresAt, record.absoluteExpiresAt) - nowMs;
}

/** Enough of a hash to follow it through a log, too little to be of use. */
function shorten(hash: string): string {
  return hash.slice(0, 12);
}

function parseStored(text: string): StoredSession | undefined {
  if (text === tombstone) return undefined;
  try {
    const parsed = storedSchema.safeParse(JSON.parse(text));
    if (!parsed.success) return undefined;
    const { epoch, ...record } = parsed.data;
    return { record, epoch, text };
  } catch {
    return undefined;
  }
}
