import type { Roles } from "@vibe-friend/database/repositories/roles";
import type { Users } from "@vibe-friend/database/repositories/users";
import type { AccessStore } from "../domain/ports";

export interface DatabaseAccessOptions {
  readonly users: Pick<Users, "findById">;
  readonly roles: Pick<Roles, "findAccess">;
}

export function createDatabaseAccess({ users, roles }: DatabaseAccessOptions): AccessStore {
  return {
    async find(userId) {
      const [account, access] = await Promise.all([users.findById(userId), roles.findAccess(userId)]);
      if (account === undefined) return undefined;
      const { id, email, displayName, disabled, createdAt } = account;
      return { user: { id, email, displayName, disabled, createdAt }, ...access };
    },
  };
}
