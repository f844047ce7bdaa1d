import { createTokens } from "@vibe-friend/database/repositories/tokens";
import { createUserChanges } from "@vibe-friend/database/repositories/user-changes";
import { createUsers } from "@vibe-friend/database/repositories/users";
import type { Sql } from "@vibe-friend/database/sql";
import type { SessionStore } from "@vibe-friend/redis-kit/sessions/session-store";
import type { Links } from "../domain/ports";
import type { TellCaches } from "./tell-caches";

/** Who hears of a committed change at once; where one can't be told, the journal's row does it. */
export interface ToBeTold {
  readonly tellCaches: TellCaches;
  readonly sessions: Pick<SessionStore, "finishRevocation">;
}

/** One-time links in Postgres; using one up, what it changes and which sessions that ends are one transaction. */
export function createDatabaseLinks(sql: Sql, { tellCaches, sessions }: ToBeTold): Links {
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
      if (change === undefined) return undefined;
      await Promise.all([tellCaches(change), sessions.finishRevocation(change.ended)]);
      return { account: change.account, ended: change.ended.sessions };
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
