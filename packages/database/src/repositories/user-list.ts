import type { ListUsersQuery, UserList } from "@vibe-friend/contracts/user-list";
import type { Sql } from "../sql";
import { encodeCursor, isAfterPosition, microsOf, parseCursor } from "./cursor";

/** Everybody, newest first, with their roles. */
export interface UserLists {
  /** @throws {InvalidCursor} */
  list(query: ListUsersQuery): Promise<UserList>;
}

export function createUserLists(sql: Sql): UserLists {
  return {
    async list({ limit, q, cursor }) {
      const parameters: unknown[] = [limit + 1];
      const conditions: string[] = [];
      if (cursor !== undefined) {
        const position = parseCursor(cursor);
        parameters.push(position.micros, position.id);
        conditions.push(isAfterPosition("u", parameters.length - 1));
      }
      if (q !== undefined && q !== "") {
        // Postgres refuses it in a text, so nobody has it.
        if (q.includes("\0")) return { items: [], nextCursor: null };
        parameters.push(`%${q.replace(/[\\%_]/g, "\\$&")}%`);
        conditions.push(
          `(u.email ilike $${parameters.length} or u.display_name ilike $${parameters.length})`,
        );
      }
      const rows = await sql.query<UserRow>(
        `select u.id, u.email, u.display_name, u.disabled_at, u.created_at, ${microsOf("u.created_at")} as micros,
                array(select r.role_name from user_roles r where r.user_id = u.id order by r.role_name) as roles
         from users u ${conditions.length === 0 ? "" : `where ${conditions.join(" and ")}`}
         order by u.created_at desc, u.id desc limit $1`,
        parameters,
      );
      const items = rows.slice(0, limit);
      const last = rows.length > limit ? items.at(-1) : undefined;
      return { items: items.map(toItem), nextCursor: last === undefined ? null : encodeCursor(last) };
    },
  };
}

interface UserRow {
  readonly id: string;
  readonly email: string;
  readonly display_name: string;
  readonly disabled_at: Date | null;
  readonly created_at: Date;
  readonly micros: string;
  readonly roles: string[];
}

function toItem(row: UserRow): UserList["items"][number] {
  return {
    id: row.id,
    email: row.email,
    displayName: row.display_name,
    disabled: row.disabled_at !== null,
    createdAt: row.created_at.toISOString(),
    roles: row.roles,
  };
}
