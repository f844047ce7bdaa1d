import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { RedisCommands } from "../connection/redis-commands";
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
 * takes the place from a process that is about to put back what it read before the revocation.
 */
const tombstone = "revoked";
export const tombstoneMs = 60_000;

/**
 * Before the truth is asked, a place in Redis is reserved for its answer, for this long on Redis' own clock.
 * Only where that still stands the answer is put: a revocation, a flush or the end of this time take it away,
 * so no late command, however late, brings an ended session back. Milliseconds.
 */
const reservedMs = 3000;
const reservation = "reserved:";

/** A session as found in Redis, with the text needed to change it only if nobody else has. */
export interface StoredSession {
  readonly record: SessionRecord;
  readonly epoch: number;
  readonly text: string;
}

/** What stands under a session's key: a session, or something that is none. */
export interface FoundSession {
  readonly session?: StoredSession;
  /** a revocation or somebody else's reservation holds the place */
  readonly isHeld: boolean;
  readonly text?: string;
}

/** How a session is put into Redis. */
export interface PutSession {
  readonly record: SessionRecord;
  readonly epoch: number;
  /** on the sessions' clock */
  readonly nowMs: number;
  /** from `reserve`, before the truth was asked */
  readonly reservation: string;
}

/** Sessions as Redis holds them: the value by hash, and per user the set of hashes. */
export interface SessionValues {
  /** `ok` without a session: only the truth may say what that means */
  find(hash: string): Promise<Guarded<FoundSession>>;
  /**
   * Reserves the place of a session that is to be put there.
   *
   * @param previous what stood there, of no use: only if it still does; without it only if nothing does
   * @returns undefined if somebody else has the place
   */
  reserve(hash: string, previous?: string): Promise<Guarded<string | undefined>>;
  /** Puts a session into its reserved place, if that still is. */
  put(hash: string, put: PutSession): Promise<Guarded<void>>;
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
          isHeld: text === tombstone || (text?.startsWith(reservation) ?? false),
          ...(text === undefined ? {} : { text }),
          ...(session === undefined ? {} : { session }),
        };
      }),

    reserve: (hash, previous) =>
      role.guard.run("session.reserve", shorten(hash), async (redis) => {
        const key = keys.session(hash);
        const next = `${reservation}${randomUUID()}`;
        const isMine =
          previous === undefined
            ? await redis.set(key, next, { ttlMs: reservedMs, only: "absent" })
            : await redis.compareAndSet(key, { previous, next, ttlMs: reservedMs });
        return isMine ? next : undefined;
      }),

    put: (hash, { record, epoch, nowMs, reservation: previous }) =>
      role.guard.run("session.put", shorten(hash), async (redis) => {
        const ttlMs = remainingMs(record, nowMs);
        if (ttlMs <= 0) return;
        const index = keys.sessionIndex(record.userId);
        const [answers] = await Promise.all([
          redis.pipeline([
            { command: "sadd", key: index, member: hash },
            { command: "pexpire", key: index, ttlMs: record.absoluteExpiresAt - record.createdAt },
          ]),
          redis.compareAndSet(keys.session(hash), { previous, next: toText({ epoch, record }), ttlMs }),
        ]);
        for (const answer of answers) if (!answer.ok) throw answer.error;
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
  if (text === tombstone || text.startsWith(reservation)) return undefined;
  try {
    const parsed = storedSchema.safeParse(JSON.parse(text));
    if (!parsed.success) return undefined;
    const { epoch, ...record } = parsed.data;
    return { record, epoch, text };
  } catch {
    return undefined;
  }
}
