import { randomUUID } from "node:crypto";
import { systemClock } from "../clock";
import type { Clock } from "../clock";
import type { RedisRole } from "../connection/redis-role";
import type { RedisKeys } from "../keys";
import { RedisFault, describeError } from "../errors";
import { noLogger } from "../logger";
import type { KitLogger } from "../logger";
import { ok } from "../outcome";
import type { Guarded, Outcome } from "../outcome";
import type { NewSession, SessionRecord } from "./session-record";
import { createSessionToken, hashSessionToken, isSessionToken } from "./session-token";
import type { RevokedSession, SessionSelector, SessionTruth } from "./session-truth";
import { createSessionValues } from "./session-values";
import type { StoredSession } from "./session-values";
import { createTruthWatch } from "./truth-watch";

/** A use is written down at most once in this time; milliseconds. */
const touchEveryMs = 60_000;

/** What a session store is made of. */
export interface SessionStoreOptions {
  readonly role: RedisRole;
  readonly truth: SessionTruth;
  readonly keys: RedisKeys;
  /** idle limit, moved by use; milliseconds (REDIS_SESSION_TTL) */
  readonly ttlMs: number;
  /** absolute limit; milliseconds (SESSION_MAX_AGE) */
  readonly maxAgeMs: number;
  /** how long Redis alone is believed while the truth can't be asked; milliseconds (AUTH_STALE_MAX) */
  readonly staleMaxMs: number;
  readonly clock?: Clock;
  readonly logger?: KitLogger;
  /** makes public ids; a random uuid by default */
  readonly createId?: () => string;
}

/** A session just made; the token goes to the person and nowhere else. */
export interface CreatedSession {
  /** 32 random bytes, base64url */
  readonly token: string;
  readonly record: SessionRecord;
}

/** Sessions in Redis with the truth behind it. What changes sessions rejects when the truth does. */
export interface SessionStore {
  create(session: NewSession): Promise<CreatedSession>;
  /** `ok` with undefined: there is no such session. `unavailable`: nobody could be asked; never a 401. */
  find(token: string): Promise<Outcome<SessionRecord | undefined>>;
  /** Makes a new session and ends the one of `token`: a sign-in on top of an old cookie. */
  rotate(token: string, session: NewSession): Promise<CreatedSession>;
  /** Ends the session of this token: signing out. @returns undefined if it had ended before */
  revokeToken(token: string): Promise<RevokedSession | undefined>;
  /** Ends one session of this user by public id. @returns undefined if there is none open */
  revoke(sessionId: string, userId: string): Promise<RevokedSession | undefined>;
  /** Ends all sessions of a user, but the one with the public id `except`. */
  revokeAllOfUser(userId: string, options?: { readonly except?: string }): Promise<readonly RevokedSession[]>;
  /** Open sessions, most recently seen first; from Redis alone (`degraded`) while the truth is away. */
  list(userId: string): Promise<Outcome<readonly SessionRecord[]>>;
}

/**
 * The row comes first, Redis second, when a session is made and when it ends. What is found in Redis is
 * believed without asking further, except while the role recovers (revocations made during the outage may
 * not have reached it yet) and when the truth has been away for longer than `staleMaxMs`.
 */
export function createSessionStore(options: SessionStoreOptions): SessionStore {
  const { role, ttlMs, maxAgeMs, staleMaxMs, clock = systemClock, logger = noLogger } = options;
  const { createId = randomUUID } = options;
  const values = createSessionValues(options);
  const truth = createTruthWatch(options.truth, clock);

  /** Moves the idle limit in both stores, in the background: nobody waits for it, and losing it costs a minute. */
  async function touch(hash: string, record: SessionRecord, stored?: StoredSession): Promise<void> {
    const nowMs = clock();
    const next = {
      ...record,
      lastSeenAt: nowMs,
      idleExpiresAt: Math.min(nowMs + ttlMs, record.absoluteExpiresAt),
    };
    try {
      if (stored !== undefined) await values.replace(hash, stored, { record: next, nowMs });
      await truth.ask((sessions) => sessions.touch(hash, nowMs, next.idleExpiresAt));
    } catch (error) {
      logger.debug("a session's use could not be noted", {
        sessionId: record.id,
        error: describeError(error),
      });
    }
  }

  async function askTruth(
    hash: string,
    found: Guarded<StoredSession | undefined>,
  ): Promise<Outcome<SessionRecord | undefined>> {
    const cause = found.kind === "ok" ? undefined : found.fault;
    const stored = found.kind === "ok" ? found.value : undefined;
    let record: SessionRecord | undefined;
    try {
      record = await truth.ask((sessions) => sessions.find(hash));
    } catch (error) {
      const message = `neither Redis nor the session truth could be asked: ${describeError(error)}`;
      return { kind: "unavailable", fault: cause ?? new RedisFault("failed", message, { cause: error }) };
    }
    if (record !== undefined) {
      const nowMs = clock();
      if (nowMs - record.lastSeenAt >= touchEveryMs) void touch(hash, record, stored);
      if (cause === undefined && stored === undefined) void values.put(hash, record, nowMs);
    }
    return cause === undefined ? ok(record) : { kind: "degraded", value: record, fault: cause };
  }

  function believe(found: Guarded<StoredSession | undefined>): found is { kind: "ok"; value: StoredSession } {
    if (found.kind !== "ok" || found.value === undefined) return false;
    if (role.health.status().mode === "recovering" || truth.awayMs() > staleMaxMs) return false;
    // Expired by this clock but still in Redis: clocks differ, and the truth has the right one.
    return clock() < Math.min(found.value.record.idleExpiresAt, found.value.record.absoluteExpiresAt);
  }

  async function revoke(selector: SessionSelector): Promise<readonly RevokedSession[]> {
    const note = { role: "state", kind: "session.revoked" } as const;
    const revoked = await options.truth.revoke(selector, note);
    // Failing is no harm: the journal row written with the revocation is drained by any healthy process.
    await values.revoke(revoked.map((session) => session.hash));
    return revoked;
  }

  const store: SessionStore = {
    async create(session) {
      const token = createSessionToken();
      const hash = hashSessionToken(token);
      const nowMs = clock();
      const absoluteExpiresAt = nowMs + maxAgeMs;
      const record: SessionRecord = {
        id: createId(),
        ...session,
        createdAt: nowMs,
        lastSeenAt: nowMs,
        idleExpiresAt: Math.min(nowMs + ttlMs, absoluteExpiresAt),
        absoluteExpiresAt,
      };
      await options.truth.insert(hash, record);
      await values.put(hash, record, nowMs);
      return { token, record };
    },

    async find(token) {
      if (!isSessionToken(token)) return ok(undefined);
      const hash = hashSessionToken(token);
      const found = await values.find(hash);
      if (!believe(found)) return askTruth(hash, found);
      const { record } = found.value;
      if (clock() - record.lastSeenAt >= touchEveryMs) void touch(hash, record, found.value);
      return ok(record);
    },

    async rotate(token, session) {
      const created = await store.create(session);
      await store.revokeToken(token);
      return created;
    },

    async revokeToken(token) {
      if (!isSessionToken(token)) return undefined;
      return (await revoke({ kind: "hash", hash: hashSessionToken(token) }))[0];
    },

    async revoke(sessionId, userId) {
      return (await revoke({ kind: "one", userId, sessionId }))[0];
    },

    revokeAllOfUser: (userId, { except } = {}) =>
      revoke({ kind: "user", userId, ...(except === undefined ? {} : { except }) }),

    async list(userId) {
      try {
        return ok(await truth.ask((sessions) => sessions.listByUser(userId)));
      } catch (error) {
        const fault = new RedisFault("failed", `the session truth: ${describeError(error)}`, {
          cause: error,
        });
        const held = await values.listByUser(userId);
        return held.kind === "ok"
          ? { kind: "degraded", value: held.value, fault }
          : { kind: "unavailable", fault };
      }
    },
  };
  return store;
}
