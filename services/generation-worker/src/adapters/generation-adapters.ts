import type { Database } from "@vibe-friend/database/data-source";
import { createDispatch } from "@vibe-friend/database/repositories/dispatch";
import { createGenerationClaims } from "@vibe-friend/database/repositories/generation-claims";
import type { Bus } from "@vibe-friend/redis-kit/bus/bus";
import type { RedisRole } from "@vibe-friend/redis-kit/connection/redis-role";
import type { RedisKeys } from "@vibe-friend/redis-kit/keys";
import type { KitMetrics } from "@vibe-friend/redis-kit/metrics";
import type { CrashPoints } from "@vibe-friend/service-kit/crash-points";
import type { Lifecycle } from "@vibe-friend/service-kit/lifecycle";
import type { Logger } from "@vibe-friend/service-kit/logger";
import type { Metrics } from "@vibe-friend/service-kit/metrics";
import { MAX_ATTEMPTS, type LeaseTimes } from "../domain/limits";
import { createBuiltInEngine } from "./built-in/built-in-engine";
import { createBusNews } from "./bus-news";
import { createDispatchMetrics } from "./dispatch-metrics";
import { createEngines } from "./engines";
import { createGenerationQueue } from "./generation-queue";
import { createLlmEngine, type LlmEngineOptions } from "./llm/llm-engine";
import { createPostgresClaims } from "./postgres-claims";
import { createPrometheusMetrics } from "./prometheus-metrics";

export interface GenerationAdaptersOptions {
  readonly database: Database;
  readonly role: RedisRole;
  readonly keys: RedisKeys;
  readonly bus: Bus;
  readonly redisFigures: KitMetrics;
  readonly workerId: string;
  readonly generation: {
    readonly concurrency: number;
    readonly maxRunningPerUser: number;
    readonly times: LeaseTimes;
  };
  readonly engines: { readonly builtInRate: number; readonly llm: LlmEngineOptions | undefined };
  readonly crash: CrashPoints;
  readonly metrics: Metrics;
  readonly lifecycle: Pick<Lifecycle, "own">;
  readonly logger: Logger;
}

/** What generations are run with: their rows, their queue, their news, their engines, their figures. */
export function createGenerationAdapters(options: GenerationAdaptersOptions) {
  const { database, bus, workerId, crash, logger, redisFigures } = options;
  const { concurrency, maxRunningPerUser, times } = options.generation;
  const { registry } = options.metrics;
  const dispatchMetrics = createDispatchMetrics(registry);
  const claims = createGenerationClaims(database, {
    ...{ workerId, maxRunningPerUser, leaseMs: times.leaseMs, maxAttempts: MAX_ATTEMPTS },
    onRefused: dispatchMetrics.refused,
  });
  const builtIn = createBuiltInEngine({ charactersPerSecond: options.engines.builtInRate });
  const llm = options.engines.llm && createLlmEngine(options.engines.llm);
  const queue = createGenerationQueue({ ...options, concurrency, metrics: redisFigures });
  options.lifecycle.own("held queue", queue, (owned) => owned.closeHeld());
  const metrics = createPrometheusMetrics(registry);
  return {
    claims: crash.at("claims", createPostgresClaims(claims)),
    engines: createEngines(llm ? [builtIn, llm] : [builtIn]),
    news: crash.at("news", createBusNews(bus), { answers: false }),
    ...queue,
    metrics: { ...metrics, ...dispatchMetrics },
    dispatch: createDispatch(database),
    watchSlots: (freeSlots: () => number) => {
      metrics.watch({ slots: concurrency, freeSlots });
    },
    ...{ bus, logger, times, concurrency },
  };
}
