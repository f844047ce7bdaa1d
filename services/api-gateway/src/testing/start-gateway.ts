import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { internalAuthCalls, internalCacheCalls } from "@vibe-friend/contracts/internal";
import { parseRedisConfig } from "@vibe-friend/redis-kit/config";
import { createHealth } from "@vibe-friend/service-kit/health";
import { createInternalClient } from "@vibe-friend/service-kit/internal-client";
import { createLifecycle } from "@vibe-friend/service-kit/lifecycle";
import { createMetrics } from "@vibe-friend/service-kit/metrics";
import { createRecordingLogger } from "@vibe-friend/service-kit/testing/recording-logger";
import request from "supertest";
import { createAccounts } from "../adapters/accounts";
import { createArchiveWork } from "../adapters/archive-work";
import { createBusNews } from "../adapters/bus-news";
import { connectStores } from "../adapters/connect-stores";
import { createGenerationQueue } from "../adapters/generation-queue";
import { createNodePicker } from "../adapters/node-picker";
import { createNotificationNodes } from "../adapters/notification-nodes";
import { createQueueWork } from "../adapters/queue-deliveries";
import { createReadModels } from "../adapters/read-models";
import { createSessionFinder } from "../adapters/session-finder";
import { createApp, type GatewayOptions } from "../app";
import { createCsrfTokens } from "../domain/csrf-token";
import { createHandOver } from "../domain/hand-over";

export const testSecret = "s".repeat(32);
const secret = testSecret;

export interface TestServers {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** default: none lives */
  readonly notificationUrls?: readonly string[];
  readonly dailyLimit?: number;
  readonly maxOpen?: number;
  readonly overload?: Partial<GatewayOptions["overload"]>;
}

/** The whole gateway on real servers; auth and cache are down, and so is notification unless it is named. */
export async function startGateway(servers: TestServers) {
  const { notificationUrls: urls = [], dailyLimit = 0, maxOpen = 3 } = servers;
  const logger = createRecordingLogger();
  const lifecycle = createLifecycle(logger);
  const health = createHealth();
  const metrics = createMetrics("api-gateway");
  const stores = await connectStores(
    {
      database: { url: servers.databaseUrl, directUrl: servers.databaseUrl, poolSize: 5 },
      redis: parseRedisConfig({ REDIS_URL: servers.redisUrl }),
      edge: { sessionMaxAgeMs: 3_600_000 },
    },
    { logger, lifecycle, health, metrics },
  );
  const peer = { url: "http://127.0.0.1:9", issuer: "api-gateway", secret, timeoutMs: 300, logger };
  const cacheService = createInternalClient({ ...peer, audience: "cache", calls: internalCacheCalls });
  const auth = createInternalClient({ ...peer, audience: "auth", calls: internalAuthCalls });
  const pickNode = createNodePicker(urls);
  const news = createBusNews({ ...stores, logger });
  const handOver = createHandOver({ queue: createGenerationQueue(stores.queue, logger), news });
  const { app } = createApp({
    logger,
    health,
    metrics,
    sessions: createSessionFinder(stores.sessions),
    ...createReadModels({ stores, cacheService, metrics, logger, lifecycle }),
    accounts: createAccounts(auth),
    store: stores.generations,
    archives: createArchiveWork({ stores, logger, lifecycle }),
    queues: createQueueWork({ stores }),
    feed: stores.feed,
    news,
    handOver,
    inboxes: createNotificationNodes({ pickNode, secret, logger }),
    pickNode,
    draining: lifecycle.draining,
    options: {
      version: "0.0.0",
      publicUrl: "http://localhost:8080",
      allowedOrigins: [],
      trustedProxies: [],
      consoleUrl: "http://127.0.0.1:9",
      csrfSecret: secret,
      overload: { maxConcurrent: 200, maxWaiting: 400, maxQueued: 0, ...servers.overload },
      generation: {
        mode: "async",
        syncTimeoutMs: 500,
        syncWaiters: 10,
        limits: { maxOpen, dailyLimit },
        hasLlm: false,
      },
    },
  });
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    ...{ stores, handOver, url },
    /** Somebody signed in, as the auth service would have done it. */
    async signIn(userId: string) {
      const { token, record } = await stores.sessions.create({ userId, userEpoch: 1 });
      const headers = {
        Cookie: `gvf_session=${token}`,
        "X-CSRF-Token": createCsrfTokens(secret).tokenFor(record.id),
      };
      return {
        userId,
        session: record,
        get: (path: string) => request(url).get(path).set(headers),
        post: (path: string, body?: object) => request(url).post(path).set(headers).send(body),
        delete: (path: string) => request(url).delete(path).set(headers),
      };
    },
    async stop() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
      await lifecycle.stop();
    },
  };
}
