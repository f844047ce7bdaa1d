import { connectDatabase } from "@vibe-friend/database/data-source";
import { createAuditLog } from "@vibe-friend/database/repositories/audit-log";
import { createRedisJournal } from "@vibe-friend/database/repositories/redis-journal";
import { createRoles } from "@vibe-friend/database/repositories/roles";
import { createSettings } from "@vibe-friend/database/repositories/settings";
import { createUsers } from "@vibe-friend/database/repositories/users";
import { createCache } from "@vibe-friend/redis-kit/cache/cache";
import { connectRedisRole } from "@vibe-friend/redis-kit/connection/redis-connection";
import { drainJournal } from "@vibe-friend/redis-kit/journal/drain-journal";
import { createKeys } from "@vibe-friend/redis-kit/keys";
import { listenHttp } from "@vibe-friend/service-kit/listen-http";
import { ownDatabase } from "@vibe-friend/service-kit/own-database";
import { ownRole } from "@vibe-friend/service-kit/own-role";
import { startService } from "@vibe-friend/service-kit/start-service";
import { createDatabaseAccess } from "./adapters/database-access";
import { createDatabaseAudit } from "./adapters/database-audit";
import { createDatabaseSettings } from "./adapters/database-settings";
import { createRedisReadModels } from "./adapters/redis-read-models";
import { createApp } from "./app";
import { cacheSections } from "./config";

startService("cache", cacheSections, async (service) => {
  const { config, logger, lifecycle, health } = service;
  health.unreadyWhen((down) => down.has("database") && down.has("redis-cache"));
  const keys = createKeys(config.redis);
  const database = ownDatabase(
    await connectDatabase({ ...config.database, applicationName: "cache" }),
    service,
  );
  const journal = createRedisJournal(database);
  const [state, cache] = await Promise.all([
    connectRedisRole({ role: "state", config: config.redis.state, logger }),
    connectRedisRole({ role: "cache", config: config.redis.cache, logger }),
  ]);
  for (const role of [state, cache]) {
    ownRole(role, service);
    lifecycle.own("journal", drainJournal({ journal, role, keys, logger }), (open) => open.stop());
  }
  const app = createApp({
    ...service,
    cache: createRedisReadModels(createCache({ role: cache, keys, ttlMs: config.redis.cacheTtlMs, logger })),
    access: createDatabaseAccess({ users: createUsers(database), roles: createRoles(database) }),
    settings: createDatabaseSettings(createSettings(database)),
    audit: createDatabaseAudit(createAuditLog(database), logger),
    tokenSecret: config.internal.tokenSecret,
  });
  await listenHttp({ app, http: config.http, logger, lifecycle });
});
