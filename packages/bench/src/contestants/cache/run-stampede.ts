import { isEntry } from "../../workload/entry";
import { nowMs } from "../../workload/open-loop";
import type { CountingSource } from "../../workload/source";
import type { CacheContestant } from "./cache-contestant";

export interface StampedeOptions {
  readonly index: number;
  readonly callers: number;
  /** milliseconds since 1970; the same for every process */
  readonly startAt: number;
  readonly loadMs: number;
}

export interface StampedeResult {
  /** loader calls in this process */
  readonly loads: number;
  readonly latenciesMs: readonly number[];
}

/** Asks for one missing entry many times at the same moment. @throws {Error} on a wrong value */
export async function runStampede(
  cache: CacheContestant,
  source: CountingSource,
  { index, callers, startAt, loadMs }: StampedeOptions,
): Promise<StampedeResult> {
  const name = source.names[index] ?? "";
  const loadsBefore = source.loads();
  source.setLoadMs(loadMs);
  await new Promise((resolve) => setTimeout(resolve, startAt - nowMs()));
  const latenciesMs = await Promise.all(
    Array.from({ length: callers }, async () => {
      const startedAt = performance.now();
      const value = await cache.read(name);
      if (!isEntry(value, name, source.versionOf(name))) throw new Error(`a wrong value for ${name}`);
      return performance.now() - startedAt;
    }),
  );
  return { loads: source.loads() - loadsBefore, latenciesMs };
}
