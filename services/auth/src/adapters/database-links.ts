import { createTokens } from "@vibe-friend/database/repositories/tokens";
import { createUserChanges } from "@vibe-friend/database/repositories/user-changes";
import { createUsers } from "@vibe-friend/database/repositories/users";
import type { Sql } from "@vibe-friend/database/sql";
import type { Links } from "../domain/ports";
import type { TellCaches } from "./tell-caches";

/** One-time links in Postgres; using one up and what it changes are one transaction. */
export function createDatabaseLinks(sql: Sql, tellCaches: TellCaches): Links {
  return {
    async findAccount(tokenHash) {
      const link = await createTokens(sql).findLink(tokenHash);
      return link && (await createUsers(sql).findById(link.userId));
    },
    async redeem(tokenHash, wanted) {
      const change = await sql.transaction(async (tx) => {
        const link = await createTokens(tx).consumeLink(tokenHash);
        return link && (await createUserChanges(tx).edit(link.userId, wanted));
      });
      if (change !== undefined) await tellCaches(change);
      return change?.account;
    },
    async replace(link) {
      await sql.transaction(async (tx) => {
        const tokens = createTokens(tx);
        await tokens.revokeLinks(link.userId);
        await tokens.createLink(link);
      });
    },
  };
}
