import type { User } from "@vibe-friend/contracts/auth";
import type { Sql } from "../sql";

/** A user with what signing in needs; never leaves the auth service. */
export interface UserAccount extends User {
  /** argon2id, or null for an account that has no password yet */
  readonly passwordHash: string | null;
  /** Sessions of a lower epoch are over. */
  readonly sessionEpoch: number;
}

export interface NewUser {
  readonly email: string;
  readonly displayName: string;
  readonly passwordHash: string | null;
  /** Names of existing roles. */
  readonly roles: readonly string[];
}

/** People. E-mail addresses compare without regard to case. */
export interface Users {
  /** @throws {EmailTaken} */
  create(user: NewUser): Promise<UserAccount>;
  findByEmail(email: string): Promise<UserAccount | undefined>;
  findById(id: string): Promise<UserAccount | undefined>;
  /** Sets the hash only; ending other sessions is SessionTruth's `revoke`. @throws {NotFound} */
  setPassword(id: string, passwordHash: string): Promise<void>;
  /** @throws {NotFound} */
  updateProfile(id: string, profile: { readonly displayName: string }): Promise<UserAccount>;
  /** Disabling raises the session epoch, so every session ends. @throws {NotFound} */
  setDisabled(id: string, disabled: boolean): Promise<UserAccount>;
  /** @throws {EmailTaken} @throws {NotFound} */
  setEmail(id: string, email: string): Promise<UserAccount>;
  /** Enabled users with the role `admin`. */
  countAdmins(): Promise<number>;
  count(): Promise<number>;
}

export function createUsers(sql: Sql): Users {
  throw new Error(`not yet ${typeof sql}`);
}
