import type { Page } from "@vibe-friend/contracts/ids";
import type { Sql } from "../sql";

/** Who did what, from where. Never secrets. */
export interface AuditEntry {
  /** null: nobody signed in (a failed sign-in, the system itself) */
  readonly userId: string | null;
  /** `auth.login`, `settings.changed`, … */
  readonly action: string;
  readonly target?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly ip?: string;
  readonly userAgent?: string;
  readonly requestId?: string;
}

export interface AuditRecord extends AuditEntry {
  readonly id: string;
  readonly at: string;
}

/** Append-only: the table refuses UPDATE, DELETE and TRUNCATE. */
export interface AuditLog {
  append(entry: AuditEntry): Promise<void>;
  /** Newest first. */
  list(page: { readonly limit: number; readonly cursor?: string }): Promise<Page<AuditRecord>>;
}

export function createAuditLog(sql: Sql): AuditLog {
  throw new Error(`not yet ${typeof sql}`);
}
