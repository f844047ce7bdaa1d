import { v7 as createId } from "uuid";
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

/** A link that may still be used. */
export interface OpenLink {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
}

/** One-time links; the database's clock judges their age. */
export interface Tokens {
  createLink(link: NewLink): Promise<{ id: string; expiresAt: string }>;
  /** The link if it may still be used; uses nothing up. */
  findLink(tokenHash: string): Promise<OpenLink | undefined>;
  /** Uses it up: of several callers at once exactly one gets it, the others undefined. */
  consumeLink(tokenHash: string): Promise<OpenLink | undefined>;
  /** Makes every open link of a user useless. @returns how many */
  revokeLinks(userId: string): Promise<number>;
}

export function createTokens(sql: Sql): Tokens {
  const isOpen = "kind = 'link' and used_at is null and revoked_at is null and expires_at > now()";
  const columns = 'id, user_id as "userId", name';

  return {
    async createLink(link) {
      const [row] = await sql.query<{ id: string; expires_at: Date }>(
        `insert into tokens (id, kind, token_hash, user_id, name, expires_at)
         values ($1, 'link', $2, $3, $4, now() + $5 * interval '1 ms') returning id, expires_at`,
        [createId(), link.tokenHash, link.userId, link.name, link.ttlMs],
      );
      if (row === undefined) throw new Error("the insert returned no row");
      return { id: row.id, expiresAt: row.expires_at.toISOString() };
    },
    async findLink(tokenHash) {
      const [link] = await sql.query<OpenLink>(
        `select ${columns} from tokens where token_hash = $1 and ${isOpen}`,
        [tokenHash],
      );
      return link;
    },
    async consumeLink(tokenHash) {
      const [link] = await sql.query<OpenLink>(
        `update tokens set used_at = now() where token_hash = $1 and ${isOpen} returning ${columns}`,
        [tokenHash],
      );
      return link;
    },
    async revokeLinks(userId) {
      const rows = await sql.query(
        `update tokens set revoked_at = now() where user_id = $1 and ${isOpen} returning id`,
        [userId],
      );
      return rows.length;
    },
  };
}
