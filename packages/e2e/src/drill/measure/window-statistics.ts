import type { Outcome, Sample, Span } from "./samples";

/** Latencies from arrival to answer, milliseconds; null without any. */
export interface Latencies {
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly maxMs: number | null;
}

/** What happened to the requests that were due in one window. */
export interface WindowStatistics extends Latencies {
  readonly seconds: number;
  readonly requests: number;
  readonly ok: number;
  readonly shed: number;
  readonly errors: number;
  /** Answered only at the second try, by another gateway. */
  readonly retried: number;
  /** Of those that were shed. */
  readonly shedP99Ms: number | null;
  /** Of errors and shed requests, by reason. */
  readonly reasons: Readonly<Record<string, number>>;
}

/** Latency is that of answers with 2xx; one that failed at once must not make a window look fast. */
export function summarizeWindow(samples: readonly Sample[], span: Span): WindowStatistics {
  const of = (outcome: Outcome): Sample[] => samples.filter((sample) => sample.outcome === outcome);
  const ok = of("ok");
  const shed = of("shed");
  const reasons: Record<string, number> = {};
  for (const { reason } of samples) if (reason !== undefined) reasons[reason] = (reasons[reason] ?? 0) + 1;
  return {
    seconds: (span.to - span.from) / 1_000,
    requests: samples.length,
    ok: ok.length,
    shed: shed.length,
    errors: of("error").length,
    retried: samples.filter(({ retried }) => retried).length,
    ...summarizeLatencies(ok),
    shedP99Ms: summarizeLatencies(shed).p99Ms,
    reasons,
  };
}

export function summarizeLatencies(samples: readonly Sample[]): Latencies {
  const sorted = samples.map(({ latencyMs }) => latencyMs).sort((a, b) => a - b);
  return { p50Ms: quantile(sorted, 0.5), p99Ms: quantile(sorted, 0.99), maxMs: quantile(sorted, 1) };
}

/** Nearest rank: always a value that was measured. */
export function quantile(sorted: readonly number[], share: number): number | null {
  const index = Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1));
  return sorted[index] ?? null;
}

export interface RecoveryQuestion {
  readonly healedAt: number;
  /** The end of what was observed. */
  readonly until: number;
  /** 99 of 100 must be answered within. */
  readonly thresholdMs: number;
}

const stepMs = 250;
const calmMs = 1_500;

/**
 * How long after healing it took until service was good again: the first moment from which, for a second and a half, at
 * least 99 of 100 requests are answered well within the threshold.
 *
 * @returns milliseconds; null when it didn't happen while it was watched
 */
export function findCalmMs(
  samples: readonly Sample[],
  { healedAt, until, thresholdMs }: RecoveryQuestion,
): number | null {
  for (let from = healedAt; from + calmMs <= until; from += stepMs) {
    const window = samples.filter(({ dueAt }) => dueAt >= from && dueAt < from + calmMs);
    const good = window.filter(({ outcome, latencyMs }) => outcome === "ok" && latencyMs <= thresholdMs);
    if (window.length > 0 && good.length >= 0.99 * window.length) return from - healedAt;
  }
  return null;
}
