import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { internalCacheCalls } from "@vibe-friend/contracts/internal";
import { createAuditLog } from "@vibe-friend/database/repositories/audit-log";
import { parseRedisConfig } from "@vibe-friend/redis-kit/config";
import { createHealth } from "@vibe-friend/service-kit/health";
import { createInternalClient } from "@vibe-friend/service-kit/internal-client";
import { createLifecycle } from "@vibe-friend/service-kit/lifecycle";
import { createMetrics } from "@vibe-friend/service-kit/metrics";
import { createRecordingLogger } from "@vibe-friend/service-kit/testing/recording-logger";
import { connectStores } from "../adapters/connect-stores";
import { createDatabaseAudit } from "../adapters/database-audit";
import { createGenerationQueue } from "../adapters/generation-queue";
import { createRedisServers } from "../adapters/redis-servers";
import { startRefreshAhead } from "../adapters/refresh-ahead";
import { serveReadModels } from "../adapters/serve-read-models";
import { createApp } from "../app";
import { createRefreshReadModel } from "../domain/refresh-read-model";

const secret = "s".repeat(32);

/** The whole service on real servers, in this process, and a client of it. */
export async function startCacheService(servers: {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** milliseconds between loads ahead of time; default: none */
  readonly refreshEveryMs?: number;
}) {
  const logger = createRecordingLogger();
  const lifecycle = createLifecycle(logger);
  const health = createHealth();
  const metrics = createMetrics("cache");
  const stores = await connectStores(
    {
      database: { url: servers.databaseUrl, directUrl: servers.databaseUrl, poolSize: 5 },
      redis: parseRedisConfig({ REDIS_URL: servers.redisUrl }),
    },
    { logger, lifecycle, health, metrics },
  );
  const readModels = serveReadModels({ stores, logger, metrics, lifecycle });
  if (servers.refreshEveryMs !== undefined) {
    startRefreshAhead({
      ...{ logger, lifecycle, metrics, keys: stores.keys, role: stores.roles.state },
      refresh: createRefreshReadModel(readModels),
      everyMs: servers.refreshEveryMs,
    });
  }
  const app = createApp({
    ...{ logger, health, metrics },
    ...readModels,
    redis: createRedisServers({ ...stores, metrics }),
    queue: createGenerationQueue(stores.queue),
    audit: createDatabaseAudit(createAuditLog(stores.database), logger),
    tokenSecret: secret,
  });
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const client = createInternalClient({
    calls: internalCacheCalls,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    issuer: "api-gateway",
    audience: "cache",
    secret,
    timeoutMs: 5000,
    logger,
  });
  return {
    ...{ client, stores, readModels, logger },
    async stop() {
      server.closeAllConnections();
      server.close();
      await lifecycle.stop();
    },
  };
}
