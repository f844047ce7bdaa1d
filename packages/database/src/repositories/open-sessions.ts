import type { Sql } from "../sql";

/** Sessions by public id, for processes that keep something open on their behalf. */
export interface OpenSessions {
  /** @returns those of the ids whose session is still good, on this database's clock */
  findOpen(sessionIds: readonly string[]): Promise<string[]>;
}

export function createOpenSessions(sql: Sql): OpenSessions {
  return {
    async findOpen(sessionIds) {
      const rows = await sql.query<{ id: string }>(
        `select s.id from sessions s join users u on u.id = s.user_id
         where s.id = any($1::uuid[]) and s.revoked_at is null and s.idle_expires_at > now()
           and s.absolute_expires_at > now() and s.user_epoch = u.session_epoch and u.disabled_at is null`,
        [sessionIds],
      );
      return rows.map((row) => row.id);
    },
  };
}
