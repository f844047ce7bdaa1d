/** One figure over all rounds. */
export interface Figure {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** in the order measured */
  readonly rounds: readonly number[];
}

/** Latencies of one round; milliseconds. */
export interface LatencySummary {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Nearest rank: always a value that was measured. @throws {RangeError} without any */
export function quantile(sorted: readonly number[], share: number): number {
  const index = Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1));
  const value = sorted[index];
  if (value === undefined) throw new RangeError("nothing was measured");
  return value;
}

/** The middle one, or the mean of the two in the middle. @throws {RangeError} without any */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  if (upper === undefined || lower === undefined) throw new RangeError("nothing was measured");
  return (upper + lower) / 2;
}

/** @throws {RangeError} without any round */
export function summarizeRounds(rounds: readonly number[]): Figure {
  return { median: median(rounds), min: Math.min(...rounds), max: Math.max(...rounds), rounds };
}

/** How far the rounds lie apart: (highest - lowest) in per cent of the median. */
export function spreadPercent({ median: middle, min, max }: Figure): number {
  return middle === 0 ? 0 : ((max - min) / middle) * 100;
}

/** @returns undefined without any sample */
export function summarizeLatencies(samplesMs: readonly number[]): LatencySummary | undefined {
  if (samplesMs.length === 0) return undefined;
  const sorted = samplesMs.toSorted((a, b) => a - b);
  return { p50Ms: quantile(sorted, 0.5), p99Ms: quantile(sorted, 0.99), maxMs: quantile(sorted, 1) };
}
