import type { Sql } from "../sql";

/** A one-time link; only the SHA-256 of its token is stored. */
export interface NewLink {
  /** hex SHA-256 of the token */
  readonly tokenHash: string;
  /** Whose password it sets, or whom it signs in. */
  readonly userId: string;
  /** What it is for, shown in lists: `first admin`, `password reset`. */
  readonly name: string;
  readonly ttlMs: number;
}

export interface Tokens {
  createLink(link: NewLink): Promise<{ id: string; expiresAt: string }>;
  /** The link if it may still be used; uses nothing up. */
  findLink(tokenHash: string): Promise<{ id: string; userId: string; name: string } | undefined>;
  /** Uses it up: of several callers at once exactly one gets it, the others undefined. */
  consumeLink(tokenHash: string): Promise<{ id: string; userId: string; name: string } | undefined>;
  /** Makes every open link of a user useless. @returns how many */
  revokeLinks(userId: string): Promise<number>;
}

export function createTokens(sql: Sql): Tokens {
  throw new Error(`not yet ${typeof sql}`);
}
