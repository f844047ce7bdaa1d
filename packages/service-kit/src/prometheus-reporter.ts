import { Counter, Gauge, Histogram, type Registry } from "prom-client";

/** What a library says about one of its figures; redis-kit's catalogue is made of these. */
export interface ReportedMetric {
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly labels: readonly string[];
  /** seconds */
  readonly buckets?: readonly number[];
}

export type ReportedMetrics = Readonly<Record<string, ReportedMetric>>;

type NameOf<C extends ReportedMetrics, T extends ReportedMetric["type"]> = {
  [N in keyof C]: C[N]["type"] extends T ? N : never;
}[keyof C];

type LabelsOf<C extends ReportedMetrics, N extends keyof C> = Readonly<
  Record<C[N]["labels"][number], string>
>;

/** Takes the figures of one catalogue: another name, type or label doesn't compile. */
export interface PrometheusReporter<C extends ReportedMetrics> {
  count<N extends NameOf<C, "counter">>(name: N, labels: LabelsOf<C, N>, by?: number): void;
  observe<N extends NameOf<C, "histogram">>(name: N, labels: LabelsOf<C, N>, seconds: number): void;
  set<N extends NameOf<C, "gauge">>(name: N, labels: LabelsOf<C, N>, value: number): void;
}

/** Registers a whole catalogue at once. @throws {Error} a name that is registered already */
export function createPrometheusReporter<const C extends ReportedMetrics>(
  registry: Registry,
  catalogue: C,
): PrometheusReporter<C> {
  const counters = new Map<keyof C, Counter>();
  const gauges = new Map<keyof C, Gauge>();
  const histograms = new Map<keyof C, Histogram>();

  for (const [name, { type, help, labels, buckets }] of Object.entries(catalogue)) {
    const shared = { name, help, labelNames: [...labels], registers: [registry] };
    if (type === "counter") counters.set(name, new Counter(shared));
    else if (type === "gauge") gauges.set(name, new Gauge(shared));
    else histograms.set(name, new Histogram({ ...shared, ...(buckets && { buckets: [...buckets] }) }));
  }

  return {
    count(name, labels, by = 1) {
      counters.get(name)?.inc(labels, by);
    },
    observe(name, labels, seconds) {
      histograms.get(name)?.observe(labels, seconds);
    },
    set(name, labels, value) {
      gauges.get(name)?.set(labels, value);
    },
  };
}
