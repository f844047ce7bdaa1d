import { connectDatabase } from "@vibe-friend/database/data-source";
import { createNotifyTransport } from "@vibe-friend/database/notify-transport";
import { createBus } from "@vibe-friend/redis-kit/bus/bus";
import { parseRedisConfig } from "@vibe-friend/redis-kit/config";
import { connectRedisRole } from "@vibe-friend/redis-kit/connection/redis-connection";
import { createKeys } from "@vibe-friend/redis-kit/keys";
import { noMetrics } from "@vibe-friend/redis-kit/metrics";
import { createArchiveAdapters } from "../adapters/archive-adapters";
import { createArchiveApp } from "../archive-app";
import type { BuildOutcome } from "../domain/archive-ports";
import { silentLogger as logger } from "../domain/testing/silent-logger";
import { quickTimes } from "./test-worker";

export interface TestArchiverOptions {
  readonly name: string;
  readonly databaseUrl: string;
  /** "none": without Redis */
  readonly redisUrl: string;
  /** Every write and heartbeat waits for this. */
  readonly pass?: (part: number) => Promise<void>;
  readonly concurrency?: number;
}

export type TestArchiver = Awaited<ReturnType<typeof startTestArchiver>>;

/** A worker's building of archives in this process, on real servers. */
export async function startTestArchiver(options: TestArchiverOptions) {
  const { name, databaseUrl, redisUrl, pass = () => Promise.resolve(), concurrency = 1 } = options;
  const config = parseRedisConfig({ REDIS_URL: redisUrl });
  const database = await connectDatabase({ url: databaseUrl, applicationName: name, waitForMs: 5000 });
  const role = await connectRedisRole({ role: "state", config: config.state, logger });
  const keys = createKeys(config);
  const fallback = createNotifyTransport({ directUrl: databaseUrl, logger });
  const bus = createBus({ role, keys, fallback, logger });
  const outcomes: BuildOutcome[] = [];
  const connected = { database, role, keys, bus, redisFigures: noMetrics };
  const adapters = createArchiveAdapters({
    ...connected,
    ...{ workerId: name, times: quickTimes, concurrency, logger },
  });
  let frozen = false;
  const { store } = adapters;
  const app = createArchiveApp({
    ...adapters,
    store: {
      ...store,
      heartbeat: (holds) => (frozen ? new Promise(() => undefined) : store.heartbeat(holds)),
      async append(hold, part, content) {
        await pass(part);
        return store.append(hold, part, content);
      },
    },
    metrics: { ended: (outcome) => outcomes.push(outcome), stored: () => undefined },
  });
  await app.start();
  return {
    outcomes,
    /** Renews no leases any more. */
    freeze: () => {
      frozen = true;
    },
    stop: () => app.stop(),
    /** Lets everything go; it must have been stopped. */
    async close(): Promise<void> {
      await bus.close();
      await fallback.close();
      await role.close();
      await database.close();
    },
  };
}
