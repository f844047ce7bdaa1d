import type { Access } from "@vibe-friend/contracts/cached-values";
import type { internalCacheCalls } from "@vibe-friend/contracts/internal";
import { keptValue } from "@vibe-friend/contracts/read-models";
import type { Roles } from "@vibe-friend/database/repositories/roles";
import type { Users } from "@vibe-friend/database/repositories/users";
import type { Cache } from "@vibe-friend/redis-kit/cache/cache";
import type { InternalClient } from "@vibe-friend/service-kit/internal-client";
import type { StagedReads } from "@vibe-friend/service-kit/staged-read";
import type { AccessSource } from "../domain/ports";
import { askCacheService } from "./ask-cache-service";

export interface AccessSourceOptions {
  /** one without a memory tier: what somebody may do is asked anew every time */
  readonly cache: Pick<Cache, "get">;
  readonly cacheService: InternalClient<typeof internalCacheCalls>;
  readonly users: Pick<Users, "findById">;
  readonly roles: Pick<Roles, "findAccess">;
  readonly reads: StagedReads;
}

/** The cached value; when there is none the cache service, which stores it; without that Postgres itself. */
export function createAccessSource(options: AccessSourceOptions): AccessSource {
  const { cache, cacheService, users, roles, reads } = options;

  async function askPostgres(userId: string): Promise<Access | undefined> {
    const [account, access] = await Promise.all([users.findById(userId), roles.findAccess(userId)]);
    if (account === undefined) return undefined;
    const { id, email, displayName, disabled, createdAt } = account;
    return { user: { id, email, displayName, disabled, createdAt }, ...access };
  }

  async function askService(userId: string): Promise<Access | undefined> {
    const answer = await askCacheService(() => cacheService.call("permissions", { userId }));
    return answer ?? (await askPostgres(userId));
  }

  return {
    async find(userId, { avoidRedis }) {
      if (avoidRedis) return await askPostgres(userId);
      const { key, schema, tags } = keptValue("permissions", userId);
      const answer = await reads.read<Access | undefined>("permissions", {
        key,
        async cached(timed) {
          const found = await cache.get(key, schema, { tags });
          if (found.kind === "ok" && found.value !== undefined) {
            return { value: found.value, from: "redis", stale: false };
          }
          const ask = found.kind === "unavailable" ? askPostgres : askService;
          return { value: await timed(() => ask(userId)), from: "source", stale: false };
        },
        source: () => askPostgres(userId),
      });
      return answer.value;
    },
  };
}
