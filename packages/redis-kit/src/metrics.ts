/** What a figure is, as Prometheus calls it. */
export interface MetricDefinition {
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly labels: readonly string[];
  /** upper bounds of a histogram, in seconds; without them those of the adapter */
  readonly buckets?: readonly number[];
}

/** Metrics by name. */
export type MetricCatalogue = Readonly<Record<string, MetricDefinition>>;

/** Operations wait 150 ms at most; what is told apart lies between a local round trip and that deadline. */
const operationBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1];
/** Loads and jobs take from milliseconds to minutes. */
const workBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

function counter<const L extends readonly string[]>(help: string, labels: L) {
  return { type: "counter", help, labels } as const;
}

function gauge<const L extends readonly string[]>(help: string, labels: L) {
  return { type: "gauge", help, labels } as const;
}

function seconds<const L extends readonly string[]>(help: string, labels: L, buckets: readonly number[]) {
  return { type: "histogram", help, labels, buckets } as const;
}

/**
 * Everything redis-kit reports. Label values come from short, fixed lists, never from keys, ids or people:
 * `role` state or cache, `reason` and most `outcome`s "ok" or a fault's code, `operation` as in the log.
 */
export const redisMetrics = {
  redis_operation_duration_seconds: seconds(
    "Time of a guarded operation until its answer, by outcome (ok or the fault's code)",
    ["role", "operation", "outcome"],
    operationBuckets,
  ),
  redis_role_mode: gauge("1 for the mode the role is in (normal, degraded, recovering), else 0", [
    "role",
    "mode",
  ]),
  redis_role_transitions_total: counter("Changes of a role's mode, with the fault behind it or none", [
    "role",
    "mode",
    "reason",
  ]),
  redis_breaker_open: gauge("1 while the breaker answers in place of Redis", ["role"]),
  redis_breaker_opened_total: counter("Times the breaker opened, by the fault that opened it", [
    "role",
    "reason",
  ]),

  redis_cache_reads_total: counter(
    "Reads by the tier that answered (memory, redis, source, none) and how (hit, stale, miss, untrusted, fault)",
    ["tier", "outcome"],
  ),
  redis_cache_loads_total: counter("Loads from the source by outcome (ok, failed, timeout, not-stored)", [
    "outcome",
  ]),
  redis_cache_load_duration_seconds: seconds("Time of a load from the source", ["outcome"], workBuckets),
  redis_cache_lease_wait_seconds: seconds(
    "Time a process waited for another one's load, by outcome (value, took-over, gave-up)",
    ["outcome"],
    workBuckets,
  ),
  redis_cache_invalidations_total: counter("Invalidations by kind (key, tag, prefix) and outcome", [
    "kind",
    "outcome",
  ]),
  redis_cache_memory_bytes: gauge("Bytes the memory tier holds", []),
  redis_cache_memory_entries: gauge("Values the memory tier holds", []),

  redis_journal_open_rows: gauge("Rows Redis has not been told yet, as of the last look", []),
  redis_journal_drained_total: counter("Rows this process has told Redis, by kind", ["kind"]),
  redis_epoch: gauge("Number of the role's epoch", ["role"]),
  redis_epoch_changes_total: counter("Epochs this process has seen begin", ["role"]),
  redis_trust_verdict: gauge("1 for the verdict on the role (trusted, unconfirmed, untrusted), else 0", [
    "role",
    "verdict",
  ]),
  redis_trust_looks_total: counter("Looks at the truth by outcome (ok, overflow, failed)", ["outcome"]),

  redis_session_finds_total: counter(
    "Sessions asked for by who answered (redis, truth, none) and how (found, absent, unavailable)",
    ["source", "outcome"],
  ),

  redis_queue_adds_total: counter("Jobs handed over by outcome (ok or the fault's code)", [
    "queue",
    "job",
    "outcome",
  ]),
  redis_queue_jobs_total: counter("Jobs taken by outcome (completed, failed, stalled, unknown)", [
    "queue",
    "job",
    "outcome",
  ]),
  redis_queue_job_duration_seconds: seconds(
    "Time of a job's handler",
    ["queue", "job", "outcome"],
    workBuckets,
  ),
  redis_queue_jobs: gauge("Jobs in the queue by state, as of the last look", ["queue", "state"]),
  redis_queue_oldest_waiting_seconds: gauge("Age of the oldest waiting job, as of the last look", ["queue"]),
  redis_queue_running: gauge("Handlers of this process that run right now", ["queue"]),

  redis_bus_messages_total: counter(
    "Messages by direction (published, received), way (redis, fallback, none) and outcome (ok, dropped)",
    ["direction", "way", "outcome"],
  ),
  redis_bus_gaps_total: counter("Times messages may have been missed, by way (redis, fallback)", ["way"]),

  redis_limit_decisions_total: counter(
    "Decisions of limits (allowed, refused) by who made them (redis, insurance)",
    ["limit", "decision", "by"],
  ),
  redis_inspections_total: counter("Inspections of a role by outcome (ok, partial or the fault's code)", [
    "role",
    "outcome",
  ]),
} as const satisfies MetricCatalogue;

type Catalogue = typeof redisMetrics;

/** The names of one type. */
export type MetricName<T extends MetricDefinition["type"]> = {
  [N in keyof Catalogue]: Catalogue[N]["type"] extends T ? N : never;
}[keyof Catalogue];

/** Every label of a metric, and no other. */
export type MetricLabels<N extends keyof Catalogue> = Readonly<
  Record<Catalogue[N]["labels"][number], string>
>;

/** Where redis-kit reports its figures. Called on hot paths: must neither block nor throw. */
export interface KitMetrics {
  /** @param by default 1 */
  count<N extends MetricName<"counter">>(name: N, labels: MetricLabels<N>, by?: number): void;
  observe<N extends MetricName<"histogram">>(name: N, labels: MetricLabels<N>, seconds: number): void;
  set<N extends MetricName<"gauge">>(name: N, labels: MetricLabels<N>, value: number): void;
}

function ignore(): void {
  // Nothing is reported.
}

/** Drops every figure. */
export const noMetrics: KitMetrics = { count: ignore, observe: ignore, set: ignore };
