import { withRequestBudget } from "@vibe-friend/redis-kit/degradation/budget";
import express, { type Express } from "express";
import helmet from "helmet";
import type { Logger } from "@vibe-friend/service-kit/logger";
import { answerNotFound } from "@vibe-friend/service-kit/problem-response";
import {
  createServiceApp,
  dataOnlyHeaders,
  type ServiceAppParts,
} from "@vibe-friend/service-kit/service-app";
import type { Archives } from "./domain/archive-ports";
import { createAdministerQueues, type AdministerQueuesDependencies } from "./domain/administer-queues";
import { createAwaitGeneration, type AwaitDependencies } from "./domain/await-generation";
import { createCancelGeneration, createRetryGeneration } from "./domain/change-generation";
import { createCheckSession } from "./domain/check-access";
import { createCsrfTokens } from "./domain/csrf-token";
import type { HandOver } from "./domain/hand-over";
import { createOpenArchive } from "./domain/open-archive";
import { createOriginPolicy } from "./domain/origin-policy";
import type {
  AccessSource,
  Accounts,
  AdminViews,
  Feed,
  GenerationLimits,
  GenerationStore,
  Inboxes,
  News,
  Sessions,
  SettingsSource,
} from "./domain/ports";
import { createQueueRoom } from "./domain/queue-room";
import { createSubmitGeneration } from "./domain/submit-generation";
import { createTakeTurns } from "./domain/take-turns";
import { createTellLimit } from "./domain/tell-limit";
import { createAdminRoutes } from "./inbound/admin.routes";
import { createApiRoutes } from "./inbound/api-routes";
import { createAuthRoutes } from "./inbound/auth.routes";
import { createConsoleProxy } from "./inbound/console.proxy";
import { createCors } from "./inbound/cors";
import { createDocsRoutes } from "./inbound/docs.routes";
import { createGenerationEventsRoutes } from "./inbound/generation-events.routes";
import { createGenerationFilesRoutes } from "./inbound/generation-files.routes";
import { createGenerationsRoutes } from "./inbound/generations.routes";
import { createNotificationsRoutes } from "./inbound/notifications.routes";
import { createQueuesRoutes } from "./inbound/queues.routes";
import { createRequestPlaces } from "./inbound/request-places";
import { createGate } from "./inbound/require-session";
import { createSessionCookie } from "./inbound/session-cookie";
import { createSettingsRoutes } from "./inbound/settings.routes";
import { createSocketProxy, type SocketProxy } from "./inbound/socket.proxy";

/** Everything the gateway works with. */
export interface GatewayDependencies extends ServiceAppParts {
  readonly sessions: Sessions;
  readonly access: AccessSource;
  readonly settings: SettingsSource;
  readonly accounts: Accounts;
  readonly admin: AdminViews;
  readonly inboxes: Inboxes;
  readonly store: GenerationStore;
  readonly archives: Archives;
  readonly queues: Pick<AdministerQueuesDependencies, "rows" | "deliveries" | "archiveNews" | "resumed">;
  readonly feed: Feed;
  readonly news: News;
  readonly handOver: HandOver;
  readonly pickNode: (key: string) => Promise<string | undefined>;
  readonly draining: AbortSignal;
  readonly options: GatewayOptions;
}

export interface GatewayOptions {
  readonly version: string;
  readonly publicUrl: string;
  readonly allowedOrigins: readonly string[];
  readonly trustedProxies: readonly string[];
  readonly consoleUrl: string;
  /** signs CSRF tokens; the same in every gateway */
  readonly csrfSecret: string;
  /** waiting for archives; left out, the product's times */
  readonly archive?: { readonly waitMs: number; readonly pollMs: number };
  /** what is refused, so that the rest stays usable */
  readonly overload: {
    /** API requests at once, and that wait for a place */
    readonly maxConcurrent: number;
    readonly maxWaiting: number;
    /** generations that wait, over all people; 0 is no limit */
    readonly maxQueued: number;
  };
  readonly generation: {
    readonly mode: "async" | "sync";
    readonly syncTimeoutMs: number;
    readonly syncWaiters: number;
    readonly limits: GenerationLimits;
    readonly hasLlm: boolean;
  };
}

/** The app, and how the server it runs in takes WebSockets. */
export interface GatewayApp {
  readonly app: Express;
  readonly acceptUpgrades: SocketProxy["acceptUpgrades"];
}

/** In order: probes, the API with its own headers, sockets, and the console for everything else. */
export function createApp(deps: GatewayDependencies): GatewayApp {
  const { options, logger, draining, pickNode } = deps;
  const origins = createOriginPolicy(options.publicUrl, options.allowedOrigins);
  const cookie = createSessionCookie(options.publicUrl);
  const socketProxy = createSocketProxy({ pickNode, origins, cookie, logger, draining });
  const app = createServiceApp(
    deps,
    (mounted) => {
      mounted.set("trust proxy", [...options.trustedProxies]);
      mounted.use("/api", helmet(dataOnlyHeaders), createCors(origins));
      mounted.use("/api/v1", createDocsRoutes(options.version), createRequestPlaces(options.overload));
      mounted.use("/api/v1", createApi(deps, { origins, cookie }));
      mounted.use("/api", answerNotFound);
      mounted.use("/internal", answerNotFound);
      mounted.use("/socket.io", createSocketRoutes(socketProxy));
      mounted.use(createConsoleProxy({ url: options.consoleUrl, logger: quieter(logger) }));
    },
    { json: false, helmet: false, aroundRequests: withRequestBudget },
  );
  return { app, acceptUpgrades: socketProxy.acceptUpgrades };
}

function createApi(
  deps: GatewayDependencies,
  edge: Pick<Parameters<typeof createGate>[0], "origins" | "cookie">,
) {
  const { store, feed, news, handOver, settings, accounts, draining, options } = deps;
  const { mode, syncTimeoutMs, syncWaiters, limits, hasLlm } = options.generation;
  const tellingLimit = createTellLimit(deps);
  const takeTurn = createTakeTurns();
  const { rows } = deps.queues;
  const countQueued = (most: number) => rows.countQueued(most);
  const clock = () => performance.now();
  const takeQueueRoom = createQueueRoom({ ...options.overload, countQueued, clock });
  const dispatching = { store, news, handOver, limits, takeTurn, takeQueueRoom };
  const csrf = createCsrfTokens(options.csrfSecret);
  const gate = createGate({ ...edge, csrf, checkSession: createCheckSession(deps) });
  const waiting: AwaitDependencies = {
    store,
    feed,
    draining,
    timeoutMs: syncTimeoutMs,
    maxWaiters: syncWaiters,
  };
  return createApiRoutes(
    {
      ...createAuthRoutes({ accounts, cookie: edge.cookie, csrf }),
      ...createGenerationsRoutes({
        store,
        settings,
        defaultMode: mode,
        submitGeneration: tellingLimit(createSubmitGeneration({ ...dispatching, hasLlm })),
        awaitGeneration: createAwaitGeneration(waiting),
        cancelGeneration: createCancelGeneration({ store, news }),
        retryGeneration: createRetryGeneration(dispatching),
      }),
      ...createGenerationFilesRoutes({
        store,
        archives: deps.archives.store,
        openArchive: createOpenArchive({ ...deps.archives, ...options.archive, draining }),
      }),
      ...createGenerationEventsRoutes({ store, feed, news, draining }),
      ...createNotificationsRoutes(deps.inboxes),
      ...createSettingsRoutes(settings),
      ...createAdminRoutes(deps.admin),
      ...createQueuesRoutes(createAdministerQueues({ ...deps.queues, news, handOver })),
    },
    gate,
  );
}

function createSocketRoutes(socketProxy: SocketProxy) {
  const router = express.Router();
  router.use(async (request, response) => {
    // Below a mounted router the prefix is cut off, but the node needs it.
    request.url = request.originalUrl;
    await socketProxy.handle(request, response);
  });
  return router;
}

/** A console that is down is one page after the other; one warning a minute is enough. */
function quieter(logger: Logger): Logger {
  let warnedAt = -Infinity;
  return {
    ...logger,
    warn(message, fields) {
      if (performance.now() - warnedAt < 60_000) return;
      warnedAt = performance.now();
      logger.warn(message, fields);
    },
  };
}
