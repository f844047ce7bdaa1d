import type { Server as HttpServer } from "node:http";
import { withCallersBudget } from "@vibe-friend/redis-kit/degradation/callers-budget";
import { createServiceApp, type ServiceAppParts } from "@vibe-friend/service-kit/service-app";
import type { ServerOptions } from "socket.io";
import { createAuthenticate } from "./domain/authenticate";
import { createCheckOrigin } from "./domain/check-origin";
import type { DeliveryLimits } from "./domain/deliver";
import { createFollowGeneration } from "./domain/follow-generation";
import { createInboxFeed } from "./domain/inbox-feed";
import { createManageInbox, type ManageInboxDependencies } from "./domain/manage-inbox";
import { createOpenInbox } from "./domain/open-inbox";
import type {
  Feed,
  Generations,
  InboxNews,
  InboxReads,
  NotificationLogger,
  NotificationMetrics,
  RoleView,
  Sessions,
} from "./domain/ports";
import { createWatchSessions } from "./domain/watch-sessions";
import { serveGenerations } from "./inbound/generation.socket";
import { authenticateHandshakes } from "./inbound/handshake.socket";
import { createInboxRoutes } from "./inbound/inbox.routes";
import { serveInboxes } from "./inbound/inbox.socket";
import { cutConnection } from "./inbound/outlet";
import {
  createSessionSockets,
  startSessionWatch,
  subscribeToRevocations,
  type UserNewsSource,
} from "./inbound/sessions.subscriber";
import { createSocketServer } from "./inbound/socket-server";
import { announceSystemStatus } from "./inbound/system-status.socket";

export interface AppDependencies {
  readonly http: HttpServer;
  readonly sessions: Sessions;
  readonly generations: Generations;
  readonly feed: Feed;
  readonly inboxes: InboxReads;
  readonly inboxNews: InboxNews;
  readonly bus: UserNewsSource;
  readonly roles: { readonly state: RoleView; readonly cache: RoleView };
  readonly adapter: ServerOptions["adapter"] | undefined;
  readonly metrics: NotificationMetrics;
  readonly logger: NotificationLogger;
  /** the site's own address first */
  readonly allowedOrigins: readonly string[];
  readonly limits: DeliveryLimits;
  /** Milliseconds between two looks at the sessions of open sockets. */
  readonly watchMs: number;
  /** Milliseconds after which sockets are closed whose sessions nobody can check. */
  readonly staleMaxMs: number;
}

export interface NotificationApp {
  readonly sockets: () => number;
  readonly subscriptions: () => number;
  /** with an open socket here */
  readonly people: () => number;
  /** Accepts no more sockets and closes the open ones so that they come back elsewhere. */
  stop(): Promise<void>;
}

/** Sockets: who may come in, what they may follow, when they have to go. */
export function createApp(dependencies: AppDependencies): NotificationApp {
  const { http, sessions, bus, roles, metrics, logger, allowedOrigins } = dependencies;
  let draining = false;
  const io = createSocketServer(http, {
    checkOrigin: createCheckOrigin(allowedOrigins),
    allowedOrigins,
    adapter: dependencies.adapter,
    isDraining: () => draining,
    onRefused: metrics.refused,
  });
  authenticateHandshakes(io, { authenticate: createAuthenticate(sessions), logger });
  const sockets = createSessionSockets(io, metrics);
  subscribeToRevocations(io, { bus, end: sockets.end, logger });
  const openSubscriptions = createFollowGeneration(dependencies);
  const generations = serveGenerations(io, { openSubscriptions, metrics, limits: dependencies.limits });
  const inboxFeed = createInboxFeed({ ...dependencies, news: dependencies.inboxNews });
  const openInbox = createOpenInbox({ ...dependencies, feed: inboxFeed });
  serveInboxes(io, { openInbox, metrics, limits: dependencies.limits });
  const statusNews = announceSystemStatus(io, roles);
  const watch = createWatchSessions({
    ...dependencies,
    list: sockets.list,
    end: sockets.end,
    cut: sockets.cut,
    clock: () => performance.now(),
  });
  const watching = startSessionWatch(watch, dependencies.watchMs);

  return {
    sockets: () => io.sockets.sockets.size,
    subscriptions: generations.countSubscriptions,
    people: inboxFeed.size,
    async stop() {
      draining = true;
      watching.stop();
      statusNews.stop();
      for (const socket of io.sockets.sockets.values()) cutConnection(socket, { discard: false });
      await new Promise((resolve) => setTimeout(resolve, 100));
      io.engine.close();
      inboxFeed.close();
    },
  };
}

/** `/livez`, `/readyz`, `/metrics` and the gateway's calls; everything else goes over the sockets. */
export function createHttpApp(
  dependencies: ServiceAppParts & ManageInboxDependencies & { readonly tokenSecret: string },
) {
  return createServiceApp(
    dependencies,
    (app) => {
      app.use(createInboxRoutes(createManageInbox(dependencies), dependencies.tokenSecret));
    },
    { aroundRequests: withCallersBudget },
  );
}
