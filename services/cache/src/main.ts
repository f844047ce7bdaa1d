import { listenHttp } from "@vibe-friend/service-kit/listen-http";
import { startService } from "@vibe-friend/service-kit/start-service";
import { connectStores } from "./adapters/connect-stores";
import { createPostgresReadModels } from "./adapters/postgres-read-models";
import { createRedisValues } from "./adapters/redis-values";
import { createApp } from "./app";
import { cacheSections } from "./config";

startService("cache", cacheSections, async (service) => {
  const { config, logger, lifecycle, health, metrics } = service;
  health.unreadyWhen((down) => down.has("database") && down.has("redis-cache"));
  const { database, cache } = await connectStores(config, service);
  const app = createApp({
    ...service,
    source: createPostgresReadModels(database),
    values: createRedisValues(cache, metrics),
    tokenSecret: config.internal.tokenSecret,
  });
  await listenHttp({ app, http: config.http, logger, lifecycle });
});
