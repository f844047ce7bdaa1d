import { createNotifyTransport } from "@vibe-friend/database/notify-transport";
import { connectDatabase } from "@vibe-friend/database/data-source";
import { createDispatch } from "@vibe-friend/database/repositories/dispatch";
import { createGenerationClaims } from "@vibe-friend/database/repositories/generation-claims";
import { createBus } from "@vibe-friend/redis-kit/bus/bus";
import { parseRedisConfig } from "@vibe-friend/redis-kit/config";
import { connectRedisRole } from "@vibe-friend/redis-kit/connection/redis-connection";
import { createKeys } from "@vibe-friend/redis-kit/keys";
import { noMetrics } from "@vibe-friend/redis-kit/metrics";
import { createBusNews } from "../adapters/bus-news";
import { createEngines } from "../adapters/engines";
import { createGenerationQueue } from "../adapters/generation-queue";
import { createPostgresClaims } from "../adapters/postgres-claims";
import { createApp } from "../app";
import type { GenerationEngine } from "../domain/generation-engine";
import { defaultTimes, MAX_ATTEMPTS, type LeaseTimes } from "../domain/limits";
import type { ClaimStore } from "../domain/ports";
import { createRecordedMetrics } from "../domain/testing/recorded-metrics";
import { silentLogger as logger } from "../domain/testing/silent-logger";

/** Everything faster than in the product, in the same proportions. */
export const quickTimes: LeaseTimes = {
  ...defaultTimes,
  leaseMs: 1500,
  heartbeatMs: 400,
  sweepMs: 200,
  pollMs: 250,
  overdueMs: 1000,
  reconcileMs: 1000,
  flushMs: 20,
};

export interface TestWorkerOptions {
  readonly name: string;
  readonly databaseUrl: string;
  /** "none": without Redis */
  readonly redisUrl: string;
  readonly engine: GenerationEngine;
  readonly times?: LeaseTimes;
  readonly concurrency?: number;
  readonly maxRunningPerUser?: number;
}

export type TestWorker = Awaited<ReturnType<typeof startTestWorker>>;

/**
 * A whole worker in this process, on real servers. `freeze` keeps every answer of Postgres from it, as SIGSTOP
 * would; `thaw` lets it go on as if nothing had happened.
 */
export async function startTestWorker(options: TestWorkerOptions) {
  const {
    name,
    databaseUrl,
    redisUrl,
    engine,
    times = quickTimes,
    concurrency = 2,
    maxRunningPerUser,
  } = options;
  const config = parseRedisConfig({ REDIS_URL: redisUrl });
  const database = await connectDatabase({ url: databaseUrl, applicationName: name, waitForMs: 5000 });
  const role = await connectRedisRole({ role: "state", config: config.state, logger });
  const keys = createKeys(config);
  const fallback = createNotifyTransport({ directUrl: databaseUrl, logger });
  const bus = createBus({ role, keys, fallback, logger });
  const claims = createGenerationClaims(database, {
    workerId: name,
    leaseMs: times.leaseMs,
    maxAttempts: MAX_ATTEMPTS,
    ...(maxRunningPerUser === undefined ? {} : { maxRunningPerUser }),
  });
  const recorded = createRecordedMetrics();
  const ice = createIce();
  const queue = createGenerationQueue({ role, keys, concurrency, logger, metrics: noMetrics });
  const app = createApp({
    claims: ice.cover(createPostgresClaims(claims)),
    engines: createEngines([engine]),
    news: createBusNews(bus),
    metrics: recorded.metrics,
    dispatch: createDispatch(database),
    logger,
    times,
    bus,
    ...queue,
    concurrency,
  });
  await app.start();
  return {
    ...recorded,
    role,
    freeze: ice.freeze,
    thaw: ice.thaw,
    findStall: app.findStall,
    stop: () => app.stop(),
    /** Lets everything go; the worker must have been stopped. */
    async close(): Promise<void> {
      await queue.closeHeld();
      await bus.close();
      await fallback.close();
      await role.close();
      await database.close();
    },
  };
}

function createGate() {
  let closed: Promise<void> | undefined;
  let open: () => void = () => undefined;
  return {
    pass: () => closed ?? Promise.resolve(),
    close(): void {
      closed ??= new Promise((resolve) => (open = resolve));
    },
    open(): void {
      closed = undefined;
      open();
    },
  };
}

function createIce() {
  const heartbeats = createGate();
  const others = createGate();
  return {
    freeze: (): void => {
      heartbeats.close();
      others.close();
    },
    thaw: (what: "all" | "all but heartbeats" = "all"): void => {
      others.open();
      if (what === "all") heartbeats.open();
    },
    cover(store: ClaimStore): ClaimStore {
      const covered =
        <A extends unknown[], R>(method: (...args: A) => Promise<R>, gate = others) =>
        async (...args: A): Promise<R> => {
          await gate.pass();
          return method(...args);
        };
      return {
        claim: covered((id) => store.claim(id)),
        claimNext: covered((options) => store.claimNext(options)),
        heartbeat: covered((holds) => store.heartbeat(holds), heartbeats),
        appendEvents: covered((batches) => store.appendEvents(batches)),
        complete: covered((hold, completion) => store.complete(hold, completion)),
        readFile: covered((id, file) => store.readFile(id, file)),
        fail: covered((hold, failure) => store.fail(hold, failure)),
        handBack: covered((hold) => store.handBack(hold)),
        returnLost: covered((known) => store.returnLost(known)),
        sweep: covered(() => store.sweep()),
      };
    },
  };
}
