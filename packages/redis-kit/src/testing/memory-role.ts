import { systemClock } from "../clock";
import type { Clock } from "../clock";
import { createDisabledRole } from "../connection/disabled-role";
import type { RedisRole, RedisRoleName } from "../connection/redis-role";
import { createBreaker } from "../degradation/breaker";
import { createGuard } from "../degradation/guarded-commands";
import { createHealthMonitor } from "../degradation/health-monitor";
import { startHeartbeat } from "../degradation/heartbeat";
import { reportHealth } from "../degradation/report-health";
import { RedisFault } from "../errors";
import { noLogger } from "../logger";
import type { KitLogger } from "../logger";
import { noMetrics } from "../metrics";
import type { KitMetrics } from "../metrics";
import { createMemoryServer } from "./memory-server";
import type { MemoryServer } from "./memory-server";

/** What a memory role is made of. */
export interface MemoryRoleOptions {
  readonly role?: RedisRoleName;
  /** shared between roles to play several processes */
  readonly server?: MemoryServer;
  readonly clock?: Clock;
  readonly logger?: KitLogger;
  readonly metrics?: KitMetrics;
}

/** A role without a network; `server` is where its faults are made. */
export interface MemoryRole extends RedisRole {
  readonly server: MemoryServer;
}

/** The real guard, breaker, health and heartbeat on a server in memory. It has no clients for BullMQ. */
export function createMemoryRole(options: MemoryRoleOptions = {}): MemoryRole {
  const {
    role = "state",
    clock = systemClock,
    logger = noLogger,
    metrics = noMetrics,
    server = createMemoryServer(clock),
  } = options;
  const { commands } = server;
  const breaker = createBreaker();
  const health = createHealthMonitor({ role, logger, clock, settleMs: 300 });
  reportHealth(role, { health, breaker }, metrics);
  const heartbeat = startHeartbeat({
    ping: () => commands.ping(),
    inspect: () =>
      Promise.resolve(
        server.state === "full" ? new RedisFault("out-of-memory", "the memory is full") : undefined,
      ),
    breaker,
    health,
  });
  const noClient = (): never => {
    throw new RedisFault("disabled", "a server in memory has no client");
  };
  return {
    role,
    disabled: false,
    isCluster: false,
    identity: () => (server.state === "down" ? undefined : server.runId()),
    onIdentity: (listener) => server.onRestart(listener),
    warnings: () => [],
    server,
    health,
    commands,
    guard: createGuard({ role, commands, breaker, health, logger, metrics }),
    createProducerClient: noClient,
    createBackgroundClient: noClient,
    createBlockingClient: noClient,
    createSubscriberClient: noClient,
    createSubscriber: (listener) => server.subscribe(listener),
    close() {
      heartbeat.stop();
      return Promise.resolve();
    },
  };
}

/** A role as REDIS_URL=none makes it. */
export function createAbsentRole(role: RedisRoleName = "state"): RedisRole {
  return createDisabledRole(role, systemClock);
}
