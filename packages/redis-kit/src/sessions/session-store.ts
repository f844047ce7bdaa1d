import type { Clock } from "../clock";
import type { RedisRole } from "../connection/redis-role";
import type { RedisKeys } from "../keys";
import type { KitLogger } from "../logger";
import type { Outcome } from "../outcome";
import type { NewSession, SessionRecord } from "./session-record";
import type { RevokedSession, SessionTruth } from "./session-truth";

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

export function createSessionStore(options: SessionStoreOptions): SessionStore {
  throw new Error(`not yet ${options.ttlMs}`);
}
