import { createCrashPoints } from "@vibe-friend/service-kit/crash-points";
import { listenHttp } from "@vibe-friend/service-kit/listen-http";
import { startService } from "@vibe-friend/service-kit/start-service";
import { createAccounts } from "./adapters/accounts";
import { createArchiveWork } from "./adapters/archive-work";
import { createBusNews } from "./adapters/bus-news";
import { connectStores } from "./adapters/connect-stores";
import { createGenerationQueue } from "./adapters/generation-queue";
import { createNodePicker } from "./adapters/node-picker";
import { createNotificationNodes } from "./adapters/notification-nodes";
import { createPeerClients } from "./adapters/peer-clients";
import { createQueueWork } from "./adapters/queue-deliveries";
import { createReadModels } from "./adapters/read-models";
import { readVersion } from "./adapters/read-version";
import { createSessionFinder } from "./adapters/session-finder";
import { createApp } from "./app";
import { gatewaySections } from "./config";
import { createHandOver } from "./domain/hand-over";

startService("api-gateway", gatewaySections, async (service) => {
  const { config, logger, lifecycle, health } = service;
  const { peers, edge, publicUrl, generation, overload } = config;
  health.unreadyWhen((down) => down.has("database") && down.has("redis-state"));
  const stores = await connectStores(config, service);
  const csrfSecret = config.internal.tokenSecret;
  const { auth, cacheService } = createPeerClients({ ...peers, secret: csrfSecret, logger });
  const crash = createCrashPoints(config.crash, service);
  const news = crash.at("news", createBusNews({ ...stores, logger }), { answers: false });
  const queue = crash.at("queue", createGenerationQueue(stores.queue, logger));
  const handOver = createHandOver({ queue, news });
  lifecycle.own("hand-over", handOver, (open) => open.settled());
  const pickNode = createNodePicker(peers.notificationUrls);
  const { app, acceptUpgrades } = createApp({
    ...service,
    draining: lifecycle.draining,
    sessions: createSessionFinder(stores.sessions),
    ...createReadModels({ ...service, stores, cacheService }),
    accounts: createAccounts(auth),
    store: crash.at("store", stores.generations),
    archives: createArchiveWork({
      ...service,
      stores: { ...stores, archives: crash.at("archives", stores.archives) },
    }),
    queues: createQueueWork({ stores }),
    feed: stores.feed,
    news,
    handOver,
    inboxes: createNotificationNodes({ pickNode, secret: csrfSecret, logger }),
    pickNode,
    options: { ...edge, ...peers, publicUrl, generation, overload, version: readVersion(), csrfSecret },
  });
  const { server } = await listenHttp({ app, http: config.http, logger, lifecycle });
  acceptUpgrades(server);
});
