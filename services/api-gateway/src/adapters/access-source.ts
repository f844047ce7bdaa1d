import { accessCacheName, accessSchema, type Access } from "@vibe-friend/contracts/cached-values";
import type { internalCacheCalls } from "@vibe-friend/contracts/internal";
import type { Roles } from "@vibe-friend/database/repositories/roles";
import type { Users } from "@vibe-friend/database/repositories/users";
import type { Cache } from "@vibe-friend/redis-kit/cache/cache";
import type { InternalClient } from "@vibe-friend/service-kit/internal-client";
import type { AccessSource } from "../domain/ports";
import { askCacheService } from "./ask-cache-service";

export interface AccessSourceOptions {
  readonly cache: Pick<Cache, "get">;
  readonly cacheService: InternalClient<typeof internalCacheCalls>;
  readonly users: Pick<Users, "findById">;
  readonly roles: Pick<Roles, "findAccess">;
}

/** The cached value; when there is none the cache service, which stores it; without that Postgres itself. */
export function createAccessSource(options: AccessSourceOptions): AccessSource {
  const { cache, cacheService, users, roles } = options;

  async function askPostgres(userId: string): Promise<Access | undefined> {
    const [account, access] = await Promise.all([users.findById(userId), roles.findAccess(userId)]);
    if (account === undefined) return undefined;
    const { id, email, displayName, disabled, createdAt } = account;
    return { user: { id, email, displayName, disabled, createdAt }, ...access };
  }

  return {
    async find(userId, { avoidRedis }) {
      if (avoidRedis) return await askPostgres(userId);
      const cached = await cache.get(accessCacheName(userId), accessSchema);
      if (cached.kind === "unavailable") return await askPostgres(userId);
      if (cached.value !== undefined) return cached.value;
      const answer = await askCacheService(() => cacheService.call("permissions", { userId }));
      return answer ?? (await askPostgres(userId));
    },
  };
}
