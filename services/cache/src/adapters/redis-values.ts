import type { Cache, CacheCounts } from "@vibe-friend/redis-kit/cache/cache";
import type { Metrics } from "@vibe-friend/service-kit/metrics";
import { Gauge } from "prom-client";
import type { Values } from "../domain/ports";

export function createRedisValues(cache: Cache, metrics: Metrics): Values {
  exposeCounts(cache, metrics);
  return {
    async getOrLoad({ name, schema, ttlMs, load }) {
      const found = await cache.getOrLoad(name, { schema, ttlMs, load });
      // The source answers when Redis can't, so there always is an answer or an error of the source's own.
      if (found.kind === "unavailable") return await load();
      return found.value;
    },
    async put({ name, ttlMs }, value) {
      const stored = await cache.set(name, value, { ttlMs });
      return stored.kind === "ok";
    },
  };
}

function exposeCounts(cache: Cache, { registry }: Metrics): void {
  new Gauge({
    name: "cache_operations",
    help: "What cached reads met since the process started",
    labelNames: ["outcome"] as const,
    registers: [registry],
    collect() {
      for (const [outcome, count] of Object.entries(cache.counts()) as [keyof CacheCounts, number][]) {
        this.set({ outcome }, count);
      }
    },
  });
}
