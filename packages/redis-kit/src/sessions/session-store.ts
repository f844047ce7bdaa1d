import { randomUUID } from "node:crypto";
import { systemClock } from "../clock";
import type { Clock } from "../clock";
import type { RedisRole } from "../connection/redis-role";
import { RedisFault, describeError } from "../errors";
import { createBlindTrust } from "../journal/trust";
import type { RedisTrust } from "../journal/trust";
import type { RedisKeys } from "../keys";
import { noLogger } from "../logger";
import type { KitLogger } from "../logger";
import { noMetrics } from "../metrics";
import type { KitMetrics } from "../metrics";
import { ok } from "../outcome";
import type { Outcome } from "../outcome";
import { createFindSession } from "./find-session";
import type { NewSession, SessionRecord } from "./session-record";
import { createSessionToken, hashSessionToken, isSessionToken } from "./session-token";
import type { Revocation, RevokedSession, SessionSelector, SessionTruth } from "./session-truth";
import { createSessionValues } from "./session-values";
import { createTruthOutage } from "./truth-outage";

/** What a session store is made of. */
export interface SessionStoreOptions {
  readonly role: RedisRole;
  readonly truth: SessionTruth;
  readonly keys: RedisKeys;
  /** what its Redis may be believed; by default everything while it is normal (`createBlindTrust`) */
  readonly trust?: RedisTrust;
  /** idle limit, moved by use; milliseconds (REDIS_SESSION_TTL) */
  readonly ttlMs: number;
  /** absolute limit; milliseconds (SESSION_MAX_AGE) */
  readonly maxAgeMs: number;
  /** how long Redis alone is believed while the truth can't be asked; milliseconds (AUTH_STALE_MAX) */
  readonly staleMaxMs: number;
  readonly clock?: Clock;
  readonly logger?: KitLogger;
  readonly metrics?: KitMetrics;
  /** makes public ids; a random uuid by default */
  readonly createId?: () => string;
}

/** A session just made; the token goes to the person and nowhere else. */
export interface CreatedSession {
  /** 32 random bytes, base64url */
  readonly token: string;
  readonly record: SessionRecord;
}

/** A session just made in another's place. */
export interface RotatedSession extends CreatedSession {
  /** the one before, if it was open until now */
  readonly ended?: RevokedSession;
}

/** Sessions in Redis with the truth behind it. What changes sessions rejects when the truth does. */
export interface SessionStore {
  create(session: NewSession): Promise<CreatedSession>;
  /** `ok` with undefined: there is no such session. `unavailable`: nobody could be asked; never a 401. */
  find(token: string): Promise<Outcome<SessionRecord | undefined>>;
  /** Makes a new session and ends the one of `token`, both or neither: a sign-in on top of an old cookie. */
  rotate(token: string, session: NewSession): Promise<RotatedSession>;
  /** Ends the session of this token: signing out. @returns undefined if it had ended before */
  revokeToken(token: string): Promise<RevokedSession | undefined>;
  /** Ends one session of this user by public id. @returns undefined if there is none open */
  revoke(sessionId: string, userId: string): Promise<RevokedSession | undefined>;
  /** Ends all sessions of a user, but the one with the public id `except`. */
  revokeAllOfUser(userId: string, options?: { readonly except?: string }): Promise<readonly RevokedSession[]>;
  /** Tells Redis of sessions that were ended through the truth, in a transaction that is committed now. */
  finishRevocation(revocation: Revocation): Promise<void>;
  /** Open sessions, most recently seen first; from Redis alone (`degraded`) while the truth is away. */
  list(userId: string): Promise<Outcome<readonly SessionRecord[]>>;
}

const note = { role: "state", kind: "session.revoked" } as const;

/**
 * The row comes first, Redis second, when a session is made and when it ends. What is found in Redis is
 * believed without asking further as far as `trust` goes, and not longer than `staleMaxMs` after the truth
 * was last there.
 */
export function createSessionStore(options: SessionStoreOptions): SessionStore {
  const { role, ttlMs, maxAgeMs, clock = systemClock, logger = noLogger } = options;
  const { createId = randomUUID, trust = createBlindTrust(role), metrics = noMetrics } = options;
  const values = createSessionValues(options);
  const truth = createTruthOutage(options.truth, clock);
  const findSession = createFindSession({ ...options, values, truth, trust, clock, logger, metrics });

  function make(session: NewSession): CreatedSession & { readonly hash: string } {
    const token = createSessionToken();
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
    return { token, hash: hashSessionToken(token), record };
  }

  /** Writes a new session's row by `write`, then puts it into Redis. */
  async function store<T>({ hash, record }: ReturnType<typeof make>, write: () => Promise<T>): Promise<T> {
    const verdict = trust.verdict();
    const reserved = verdict.kind === "trusted" ? await values.reserve(hash) : undefined;
    const written = await write();
    if (verdict.kind === "trusted" && reserved?.kind === "ok" && reserved.value !== undefined) {
      const { epoch } = verdict;
      await values.put(hash, { record, epoch, nowMs: record.createdAt, reservation: reserved.value });
    }
    return written;
  }

  async function finish({ sessions, journalId }: Revocation): Promise<void> {
    const hashes = sessions.map((session) => session.hash);
    if (journalId !== undefined) trust.expect(journalId, { hashes });
    const told = await values.revoke(hashes);
    // Failing is no harm: the journal row written with the revocation is drained by any healthy process.
    if (told.kind === "ok" && journalId !== undefined) trust.settle(journalId);
  }

  async function revoke(selector: SessionSelector): Promise<readonly RevokedSession[]> {
    const revocation = await options.truth.revoke(selector, note);
    await finish(revocation);
    return revocation.sessions;
  }

  async function create(session: NewSession): Promise<CreatedSession> {
    const made = make(session);
    await store(made, () => options.truth.insert(made.hash, made.record));
    return { token: made.token, record: made.record };
  }

  return {
    create,
    find: (token) =>
      isSessionToken(token) ? findSession(hashSessionToken(token)) : Promise.resolve(ok(undefined)),

    async rotate(token, session) {
      if (!isSessionToken(token)) return create(session);
      const made = make(session);
      const revocation = await store(made, () => options.truth.rotate(made, hashSessionToken(token), note));
      await finish(revocation);
      const [ended] = revocation.sessions;
      return { token: made.token, record: made.record, ...(ended === undefined ? {} : { ended }) };
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

    finishRevocation: finish,

    async list(userId) {
      try {
        return ok(await truth.ask((sessions) => sessions.listByUser(userId)));
      } catch (error) {
        const fault = new RedisFault("failed", `the session truth: ${describeError(error)}`, {
          cause: error,
        });
        const held = await values.listByUser(userId);
        const verdict = trust.verdict();
        if (held.kind === "unavailable" || verdict.kind === "untrusted")
          return { kind: "unavailable", fault };
        const believed = held.value.filter(
          ({ hash, epoch }) => epoch === verdict.epoch && !trust.concerns({ hashes: [hash] }),
        );
        return { kind: "degraded", value: believed.map(({ record }) => record), fault };
      }
    },
  };
}
