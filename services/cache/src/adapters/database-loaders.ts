import type { Roles } from "@vibe-friend/database/repositories/roles";
import type { StatisticsReader } from "@vibe-friend/database/repositories/statistics";
import type { UserLists } from "@vibe-friend/database/repositories/user-list";
import type { Users } from "@vibe-friend/database/repositories/users";
import { createLoadAccess } from "../domain/load-access";
import type { ReadModelLoaders, SettingsStore } from "../domain/ports";

export interface DatabaseLoadersOptions {
  readonly users: Pick<Users, "findById">;
  readonly roles: Pick<Roles, "findAccess">;
  readonly settings: Pick<SettingsStore, "list">;
  readonly statistics: StatisticsReader;
  readonly userLists: UserLists;
}

/** Every read model as Postgres has it. */
export function createDatabaseLoaders(options: DatabaseLoadersOptions): ReadModelLoaders {
  const { users, roles, settings, statistics, userLists } = options;
  return {
    permissions: createLoadAccess(async (userId) => {
      const [account, access] = await Promise.all([users.findById(userId), roles.findAccess(userId)]);
      if (account === undefined) return undefined;
      const { id, email, displayName, disabled, createdAt } = account;
      return { user: { id, email, displayName, disabled, createdAt }, ...access };
    }),
    settings: () => settings.list(),
    statistics: () => statistics.read(),
    users: (query) => userLists.list(query),
  };
}
