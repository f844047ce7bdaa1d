import type { Page } from "@vibe-friend/contracts/ids";
import { v7 as createId } from "uuid";
import type { Sql } from "../sql";
import { encodeCursor, isAfterPosition, microsOf, parseCursor } from "./cursor";
import { toStorableJson } from "./storable-json";

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
  return {
    async append(entry) {
      await sql.query(
        `insert into audit_logs (id, user_id, action, target, details, ip, user_agent, request_id)
         values ($1, $2, $3, $4, $5::jsonb, $6, $7, $8)`,
        [
          createId(),
          entry.userId,
          entry.action,
          entry.target ?? null,
          toStorableJson(entry.details ?? {}),
          entry.ip ?? null,
          entry.userAgent ?? null,
          entry.requestId ?? null,
        ],
      );
    },
    async list({ limit, cursor }) {
      const position = cursor === undefined ? undefined : parseCursor(cursor);
      const rows = await sql.query<AuditRow>(
        `select a.*, ${microsOf("a.created_at")} as micros from audit_logs a
         ${position === undefined ? "" : `where ${isAfterPosition("a", 2)}`}
         order by a.created_at desc, a.id desc limit $1`,
        [limit + 1, ...(position === undefined ? [] : [position.micros, position.id])],
      );
      const items = rows.slice(0, limit);
      const last = rows.length > limit ? items.at(-1) : undefined;
      return { items: items.map(toRecord), nextCursor: last === undefined ? null : encodeCursor(last) };
    },
  };
}

interface AuditRow {
  readonly id: string;
  readonly user_id: string | null;
  readonly action: string;
  readonly target: string | null;
  readonly details: Record<string, unknown>;
  readonly ip: string | null;
  readonly user_agent: string | null;
  readonly request_id: string | null;
  readonly created_at: Date;
  readonly micros: string;
}

function toRecord(row: AuditRow): AuditRecord {
  return {
    id: row.id,
    at: row.created_at.toISOString(),
    userId: row.user_id,
    action: row.action,
    details: row.details,
    ...(row.target === null ? {} : { target: row.target }),
    ...(row.ip === null ? {} : { ip: row.ip }),
    ...(row.user_agent === null ? {} : { userAgent: row.user_agent }),
    ...(row.request_id === null ? {} : { requestId: row.request_id }),
  };
}
