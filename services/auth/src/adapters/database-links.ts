import { accessCacheName } from "@vibe-friend/contracts/cached-values";
import { createRedisJournal } from "@vibe-friend/database/repositories/redis-journal";
import { createTokens } from "@vibe-friend/database/repositories/tokens";
import { createUsers } from "@vibe-friend/database/repositories/users";
import type { Sql } from "@vibe-friend/database/sql";
import type { AccountChange, Links } from "../domain/ports";

/** @param forget drops cached values now; the journal row of the same transaction does it where that fails */
export function createDatabaseLinks(sql: Sql, forget: (name: string) => Promise<unknown>): Links {
  async function change(tx: Sql, userId: string, { email, passwordHash }: AccountChange): Promise<void> {
    const users = createUsers(tx);
    if (email !== undefined) await users.setEmail(userId, email);
    if (passwordHash !== undefined) await users.setPassword(userId, passwordHash);
    const note = { role: "cache", kind: "cache.invalidated" } as const;
    await createRedisJournal(tx).append(note, { keys: [accessCacheName(userId)] });
  }

  return {
    async findAccount(tokenHash) {
      const link = await createTokens(sql).findLink(tokenHash);
      return link && (await createUsers(sql).findById(link.userId));
    },
    async redeem(tokenHash, wanted) {
      const account = await sql.transaction(async (tx) => {
        const link = await createTokens(tx).consumeLink(tokenHash);
        if (link === undefined) return undefined;
        await change(tx, link.userId, wanted);
        return await createUsers(tx).findById(link.userId);
      });
      if (account !== undefined) await forget(accessCacheName(account.id));
      return account;
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
