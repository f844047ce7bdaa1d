import { createAuditLog } from "@vibe-friend/database/repositories/audit-log";
import { listenHttp } from "@vibe-friend/service-kit/listen-http";
import { startService } from "@vibe-friend/service-kit/start-service";
import { connectStores } from "./adapters/connect-stores";
import { createDatabaseAudit } from "./adapters/database-audit";
import { createGenerationQueue } from "./adapters/generation-queue";
import { createRedisServers } from "./adapters/redis-servers";
import { startRefreshAhead } from "./adapters/refresh-ahead";
import { serveReadModels } from "./adapters/serve-read-models";
import { createApp } from "./app";
import { cacheSections } from "./config";
import { createRefreshReadModel } from "./domain/refresh-read-model";

startService("cache", cacheSections, async (service) => {
  const { config, logger, lifecycle, health } = service;
  health.unreadyWhen((down) => down.has("database") && down.has("redis-cache"));
  const stores = await connectStores(config, service);
  const readModels = serveReadModels({ ...service, stores });
  const refresh = createRefreshReadModel(readModels);
  startRefreshAhead({ ...service, refresh, keys: stores.keys, role: stores.roles.state });
  const app = createApp({
    ...service,
    ...readModels,
    redis: createRedisServers({ ...service, ...stores }),
    queue: createGenerationQueue(stores.queue),
    audit: createDatabaseAudit(createAuditLog(stores.database), logger),
    tokenSecret: config.internal.tokenSecret,
  });
  await listenHttp({ app, http: config.http, logger, lifecycle });
});
