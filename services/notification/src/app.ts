import type { Server as HttpServer } from "node:http";
import { createServiceApp, type ServiceAppParts } from "@vibe-friend/service-kit/service-app";
import type { ServerOptions } from "socket.io";
import { createAuthenticate } from "./domain/authenticate";
import { createCheckOrigin } from "./domain/check-origin";
import type { DeliveryLimits } from "./domain/deliver-events";
import { createFollowGeneration } from "./domain/follow-generation";
import type {
  Feed,
  Generations,
  NotificationLogger,
  NotificationMetrics,
  RoleView,
  Sessions,
} from "./domain/ports";
import { createWatchSessions } from "./domain/watch-sessions";
import { serveGenerations } from "./inbound/generation.socket";
import { authenticateHandshakes } from "./inbound/handshake.socket";
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
  const announcements = announceSystemStatus(io, roles);
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
    async stop() {
      draining = true;
      watching.stop();
      announcements.stop();
      for (const socket of io.sockets.sockets.values()) cutConnection(socket, { discard: false });
      await new Promise((resolve) => setTimeout(resolve, 100));
      io.engine.close();
    },
  };
}

/** `/livez`, `/readyz`, `/metrics`; everything else goes over the sockets. */
export function createHttpApp(parts: ServiceAppParts) {
  return createServiceApp(parts, () => undefined);
}
