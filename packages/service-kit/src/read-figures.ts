import { readModelNames, type ReadModelName } from "@vibe-friend/contracts/read-model-stage";
import { Counter, Summary, type Registry } from "prom-client";

/** Where a read's value came from. */
export type ReadFrom = "memory" | "redis" | "source";

/** What reading one model was like in this process since `since`. Times in milliseconds. */
export interface Figures {
  readonly since: Date;
  readonly calls: number;
  readonly hits: { readonly memory: number; readonly redis: number };
  /** reads that asked the cache in vain */
  readonly misses: number;
  readonly stale: number;
  readonly failures: number;
  readonly compared: number;
  readonly mismatches: number;
  readonly cached: Percentiles;
  readonly source: Percentiles;
  /** null while nothing was read from one of the two */
  readonly timeSavedMs: number | null;
}

export interface Percentiles {
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

/** Counts reads by model, for people (`read`) and for Prometheus. */
export interface ReadFigures {
  called(model: ReadModelName): void;
  /** The cache was asked, and how long that took where it had the value. */
  looked(model: ReadModelName, answer: { from: ReadFrom; stale: boolean; seconds: number }): void;
  /** The source was asked. */
  loaded(model: ReadModelName, answer: { ok: boolean; seconds: number }): void;
  compared(model: ReadModelName, isEqual: boolean): void;
  read(model: ReadModelName): Promise<Figures>;
  /** Starts the model's figures anew; Prometheus' counters go on. */
  restart(model: ReadModelName): void;
}

const QUANTILES = [0.5, 0.99];

export function createReadFigures(registry: Registry): ReadFigures {
  const times = new Summary({
    name: "read_model_seconds",
    help: "Time a read model's value took, from the cache or from its source, since the start or the last switch",
    labelNames: ["model", "from"] as const,
    percentiles: QUANTILES,
    registers: [registry],
  });
  const reads = new Counter({
    name: "read_model_reads_total",
    help: "Reads of a read model that asked the cache, by where the value came from",
    labelNames: ["model", "from"] as const,
    registers: [registry],
  });
  const mismatches = new Counter({
    name: "read_model_mismatches_total",
    help: "Cached values that differed from their source in shadow",
    labelNames: ["model"] as const,
    registers: [registry],
  });
  const counts = new Map(readModelNames.map((model) => [model, newCounts()]));
  const of = (model: ReadModelName) => counts.get(model) ?? newCounts();

  return {
    called(model) {
      of(model).calls += 1;
    },
    looked(model, { from, stale, seconds }) {
      reads.inc({ model, from });
      const count = of(model);
      if (stale) count.stale += 1;
      if (from === "source") {
        count.misses += 1;
        return;
      }
      count.hits[from] += 1;
      times.observe({ model, from: "cache" }, seconds);
    },
    loaded(model, { ok, seconds }) {
      if (ok) times.observe({ model, from: "source" }, seconds);
      else of(model).failures += 1;
    },
    compared(model, isEqual) {
      of(model).compared += 1;
      if (isEqual) return;
      of(model).mismatches += 1;
      mismatches.inc({ model });
    },
    async read(model) {
      const { values } = await times.get();
      const [cached, source] = (["cache", "source"] as const).map((from) =>
        summarize(values.filter(({ labels }) => labels.model === model && labels.from === from)),
      ) as [Summarized, Summarized];
      return {
        ...structuredClone(of(model)),
        cached: cached.percentiles,
        source: source.percentiles,
        timeSavedMs:
          cached.count === 0 || source.count === 0
            ? null
            : round(((cached.count * source.sum) / source.count - cached.sum) * 1000),
      };
    },
    restart(model) {
      counts.set(model, newCounts());
      for (const from of ["cache", "source"] as const) times.remove({ model, from });
    },
  };
}

function newCounts() {
  return {
    since: new Date(),
    calls: 0,
    hits: { memory: 0, redis: 0 },
    misses: 0,
    stale: 0,
    failures: 0,
    compared: 0,
    mismatches: 0,
  };
}

interface Summarized {
  readonly percentiles: Percentiles;
  readonly count: number;
  /** seconds */
  readonly sum: number;
}

interface Sample {
  readonly value: number;
  /** those of the metric, and `quantile`, which its type doesn't name */
  readonly labels: Readonly<Record<string, unknown>>;
  readonly metricName?: string;
}

/** prom-client gives the quantiles, the sum and the count as samples of one list. */
function summarize(samples: readonly Sample[]): Summarized {
  const named = (end: string) => samples.find(({ metricName }) => metricName?.endsWith(end))?.value ?? 0;
  const count = named("_count");
  const [p50Ms = null, p99Ms = null] = QUANTILES.map((quantile) => {
    const value = samples.find(({ labels }) => labels["quantile"] === quantile)?.value;
    return value === undefined || count === 0 ? null : round(value * 1000);
  });
  return { percentiles: { p50Ms, p99Ms }, count, sum: named("_sum") };
}

/** To a microsecond. */
function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
