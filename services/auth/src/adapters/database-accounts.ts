import { createUserChanges } from "@vibe-friend/database/repositories/user-changes";
import { createUsers } from "@vibe-friend/database/repositories/users";
import type { Sql } from "@vibe-friend/database/sql";
import type { AccountStore } from "../domain/ports";
import type { TellCaches } from "./tell-caches";

/** Accounts in Postgres. Who is new is journaled with the row, so that no cached list goes on without them. */
export function createDatabaseAccounts(sql: Sql, tellCaches: TellCaches): AccountStore {
  const users = createUsers(sql);
  return {
    async create(account) {
      const change = await createUserChanges(sql).create(account);
      await tellCaches(change);
      return change.account;
    },
    findByEmail: (email) => users.findByEmail(email),
    findById: (id) => users.findById(id),
    setPassword: (id, passwordHash) => users.setPassword(id, passwordHash),
  };
}
