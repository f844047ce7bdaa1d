import type { User } from "@vibe-friend/contracts/auth";
import type { Caller, SessionGrant } from "@vibe-friend/contracts/internal";
import type { SettingValues } from "@vibe-friend/contracts/settings";

/** A user with what signing in needs; never leaves this service. */
export interface Account extends User {
  readonly passwordHash: string | null;
  readonly sessionEpoch: number;
}

export interface NewAccount {
  readonly email: string;
  readonly displayName: string;
  readonly passwordHash: string | null;
  readonly roles: readonly string[];
}

export interface AccountStore {
  /** @throws email_taken */
  create(account: NewAccount): Promise<Account>;
  findByEmail(email: string): Promise<Account | undefined>;
  findById(id: string): Promise<Account | undefined>;
  setPassword(id: string, passwordHash: string): Promise<void>;
}

/** What redeeming a link changes about its account. */
export interface AccountChange {
  readonly email?: string;
  readonly passwordHash?: string;
}

export interface RedeemedLink {
  readonly account: Account;
  /** the sessions that it ended */
  readonly ended: readonly EndedSession[];
}

export interface Links {
  /** The account of a link that may still be used; uses nothing up. */
  findAccount(tokenHash: string): Promise<Account | undefined>;
  /**
   * Uses the link up, makes the change and, with a new password, ends all sessions of the account: all of it
   * or nothing. Cached copies of the account are dropped. Of several callers at once one gets the account,
   * the others undefined.
   *
   * @throws email_taken
   */
  redeem(tokenHash: string, change: AccountChange): Promise<RedeemedLink | undefined>;
  /** Makes a fresh link and every older one of this account useless, both or neither. */
  replace(link: { userId: string; tokenHash: string; name: string; ttlMs: number }): Promise<void>;
}

export interface Passwords {
  /** argon2id. @throws rate_limited when too many wait already */
  hash(password: string): Promise<string>;
  /** Takes as long without a hash to compare with. */
  verify(password: string, hash: string | null): Promise<boolean>;
  /** Was this made with other parameters than today's? */
  isOutdated(hash: string): boolean;
}

/** A session that has just ended. */
export interface EndedSession {
  readonly id: string;
  readonly userId: string;
}

interface SigningIn {
  readonly userId: string;
  readonly userEpoch: number;
  readonly userAgent?: string;
  readonly ip?: string;
}

interface MadeSession {
  readonly token: string;
  readonly record: SessionGrant;
}

export interface Sessions {
  create(session: SigningIn): Promise<MadeSession>;
  /** Makes one and ends the one of this token, whoever's it was: both or neither. */
  rotate(token: string, session: SigningIn): Promise<MadeSession & { readonly ended?: EndedSession }>;
  revoke(sessionId: string, userId: string): Promise<EndedSession | undefined>;
}

export interface News {
  /** Their sockets are closed; never rejects. */
  sessionsRevoked(sessions: readonly EndedSession[]): Promise<void>;
}

export interface AuditLog {
  append(entry: AuditEntry): Promise<void>;
}

export interface AuditEntry {
  /** null where nobody is known to have done it */
  readonly userId: string | null;
  readonly action: string;
  readonly target?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly caller?: Caller;
}

export interface SettingsReader {
  read(): Promise<SettingValues>;
}

export interface Admins {
  /** Enabled admins, oldest first, and whether anybody could already sign in as one. */
  list(): Promise<readonly { readonly id: string; readonly hasEntered: boolean }[]>;
}
