import type { Sql } from "@vibe-friend/database/sql";
import type { Admins } from "../domain/ports";

/** Somebody has entered as an admin who has a password, or who ever had a session. */
export function createDatabaseAdmins(sql: Sql): Admins {
  return {
    list: () =>
      sql.query(
        `select u.id, u.password_hash is not null
             or exists (select 1 from sessions s where s.user_id = u.id) as "hasEntered"
           from users u join user_roles r on r.user_id = u.id
          where r.role_name = 'admin' and u.disabled_at is null
          order by u.created_at, u.id`,
      ),
  };
}
