import { createAuditLog } from "@vibe-friend/database/repositories/audit-log";
import { createRoles } from "@vibe-friend/database/repositories/roles";
import { createSettings } from "@vibe-friend/database/repositories/settings";
import { createUsers } from "@vibe-friend/database/repositories/users";
import type { Sql } from "@vibe-friend/database/sql";
import type { ReadModelSource } from "../domain/ports";

export function createPostgresReadModels(database: Sql): ReadModelSource {
  const users = createUsers(database);
  const roles = createRoles(database);
  const settings = createSettings(database);
  return {
    async findAccess(userId) {
      const [account, access] = await Promise.all([users.findById(userId), roles.findAccess(userId)]);
      if (account === undefined) return undefined;
      const { id, email, displayName, disabled, createdAt } = account;
      return { user: { id, email, displayName, disabled, createdAt }, ...access };
    },
    async listSettings() {
      const rows = await settings.list();
      return { items: rows.map(({ key, value, updatedAt }) => ({ key, value, updatedAt })) };
    },
    async putSettings({ values, userId, caller }, invalidates) {
      await database.transaction(async (tx) => {
        await createSettings(tx).put({ values, userId, invalidates });
        await createAuditLog(tx).append({ userId, action: "settings.changed", details: values, ...caller });
      });
    },
  };
}
