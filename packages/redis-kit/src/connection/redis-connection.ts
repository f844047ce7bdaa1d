import { systemClock } from "../clock";
import type { Clock } from "../clock";
import type { RedisConnectionConfig, RedisRoleConfig } from "../connection-config";
import { createBreaker } from "../degradation/breaker";
import { withDeadline } from "../degradation/deadline";
import { createGuard } from "../degradation/guarded-commands";
import { createHealthMonitor } from "../degradation/health-monitor";
import { startHeartbeat } from "../degradation/heartbeat";
import { reportHealth } from "../degradation/report-health";
import { RoleMisconfigured, toRedisFault } from "../errors";
import type { RedisFault } from "../errors";
import type { KitLogger } from "../logger";
import { noMetrics } from "../metrics";
import type { KitMetrics } from "../metrics";
import { createCommandPool } from "./command-pool";
import { createDisabledRole } from "./disabled-role";
import type { RedisRole, RedisRoleName } from "./redis-role";
import { createRedisSubscriber } from "./redis-subscriber";
import { createRoleClients } from "./role-clients";
import { checkServer } from "./server-check";
import { createWarningList } from "./warning-list";

/** How long a start waits for a server that doesn't answer, and for one that isn't there; milliseconds. */
const startDeadlineMs = 5000;
const refusedDeadlineMs = 2000;

/** What connects a role. */
export interface ConnectRedisRoleOptions {
  readonly role: RedisRoleName;
  readonly config: RedisRoleConfig;
  readonly logger: KitLogger;
  readonly clock?: Clock;
  readonly metrics?: KitMetrics;
}

/**
 * Connects one role and waits up to 5 s for its first PING. An unreachable server, a wrong password or a
 * disabled role is no error: the role starts degraded and becomes normal by itself.
 *
 * @throws {RoleMisconfigured} the server answers, but evicts (state role, unless allowed) or has no such DB index
 */
export async function connectRedisRole(options: ConnectRedisRoleOptions): Promise<RedisRole> {
  const { role, config, logger, clock = systemClock, metrics = noMetrics } = options;
  if (config.disabled) return createDisabledRole(role, clock);
  const connected = openRole({ role, logger, clock, metrics }, config);
  try {
    const fault = await firstAnswer(connected);
    if (fault?.code === "policy" || fault?.code === "wrong-database") {
      throw new RoleMisconfigured(fault.code, `redis ${role}: ${fault.message}`);
    }
    if (fault !== undefined) connected.startDegraded(fault);
    connected.startHeartbeat();
    return connected.role;
  } catch (error) {
    await connected.role.close();
    throw error;
  }
}

interface OpenRole {
  readonly role: RedisRole;
  ping(): Promise<void>;
  inspect(): Promise<RedisFault | undefined>;
  startDegraded(fault: RedisFault): void;
  startHeartbeat(): void;
}

function openRole(
  { role, logger, clock, metrics }: Required<Omit<ConnectRedisRoleOptions, "config">>,
  config: RedisConnectionConfig,
): OpenRole {
  const isCluster = config.clusterNodes !== undefined;
  const breaker = createBreaker();
  const health = createHealthMonitor({ role, logger, clock });
  reportHealth(role, { health, breaker }, metrics);
  let heartbeat: ReturnType<typeof startHeartbeat> | undefined;

  const clients = createRoleClients(role, config, logger);
  const warnings = createWarningList(role, logger);
  const pool = createCommandPool({
    open: (listener) => clients.open("commands", listener),
    database: config.database,
    maxSize: isCluster ? 1 : config.poolSize,
    minSize: isCluster ? 1 : Math.min(config.minIdleConnections, config.poolSize),
    logger,
    onChange: () => heartbeat?.hurry(),
  });
  const { commands, identity } = pool;
  const ping = () => pool.ping();

  async function inspect(): Promise<RedisFault | undefined> {
    await pool.askAgain();
    const wasFull = health.status().reason === "out-of-memory" && health.status().mode !== "normal";
    const found = await checkServer({ role, commands, allowEviction: config.allowEviction }, wasFull);
    warnings.replace(found.warnings);
    return found.fault;
  }

  return {
    ping,
    inspect,
    startDegraded(fault) {
      logger.error(`redis connection failed: ${fault.message}`, { role, reason: fault.code });
      health.reportFault(fault);
    },
    startHeartbeat() {
      heartbeat = startHeartbeat({ ping, inspect, breaker, health });
      if (health.status().mode !== "normal") heartbeat.hurry();
    },
    role: {
      role,
      disabled: false,
      isCluster,
      health,
      identity: () => identity.current(),
      onIdentity: (listener) => identity.onChange(listener),
      warnings: () => warnings.current(),
      commands,
      guard: createGuard({ role, commands, breaker, health, logger, metrics }),
      createProducerClient: () => clients.open("producer"),
      createBackgroundClient: () => clients.open("background"),
      createBlockingClient: () => clients.open("blocking"),
      createSubscriberClient: () => clients.open("foreign-subscriber"),
      createSubscriber: (listener) =>
        createRedisSubscriber({ client: clients.open("subscriber"), listener, logger }),
      async close() {
        heartbeat?.stop();
        pool.close();
        await clients.close();
      },
    },
  };
}

/** @returns why Redis can't be used now; undefined when it can */
async function firstAnswer(role: OpenRole): Promise<RedisFault | undefined> {
  const startedAt = performance.now();
  for (;;) {
    try {
      await withDeadline(role.ping(), 500);
      return await withDeadline(role.inspect(), 1000);
    } catch (error) {
      const fault = toRedisFault(error);
      const patienceMs = fault.code === "unreachable" ? refusedDeadlineMs : startDeadlineMs;
      if (fault.code === "auth" || fault.code === "wrong-database") return fault;
      if (performance.now() - startedAt > patienceMs - 500) return fault;
      // Not the unref'd kind: at start nothing else may keep the process alive yet.
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
