import { runClosedLoop } from "../../workload/closed-loop";
import type { ClosedLoopResult } from "../../workload/closed-loop";
import { isEntry, isWholeEntry } from "../../workload/entry";
import type { Entry } from "../../workload/entry";
import { nowMs, startOpenLoop } from "../../workload/open-loop";
import type { OpenLoop, OpenLoopSample } from "../../workload/open-loop";
import { drawIndexes } from "../../workload/random";
import { createSource } from "../../workload/source";
import type { Tagging } from "../../workload/source";
import type { CacheSetup } from "./cache-contestant";
import { openCache } from "./open-cache";
import { runStampede } from "./run-stampede";
import type { StampedeOptions, StampedeResult } from "./run-stampede";

export interface CacheWorkerSetup extends CacheSetup {
  readonly keyCount: number;
  readonly tagging: Tagging;
  readonly seed: number;
}

export interface ReadLoop {
  readonly concurrency: number;
  readonly durationMs: number;
  readonly timed: boolean;
  /** all callers read the same key */
  readonly oneKey: boolean;
}

export interface SteadyReads {
  readonly perSecond: number;
  /** milliseconds the source takes when it is asked */
  readonly loadMs: number;
  /** only entries without the hot tag: what they cost must not depend on it */
  readonly coldOnly: boolean;
}

export interface TimedChange {
  /** milliseconds since 1970 */
  readonly startedAt: number;
  readonly endedAt: number;
  /** what the contestant threw; then the change may not have reached its cache */
  readonly fault?: string;
}

/** Every this many reads the whole value is compared, not only what tells entries apart. */
const sampleEvery = 64;

/** A cache may doubt what it has now and then; more than this is not what the row is called. */
const mostMissPercent = 1;

export interface ReadResult extends ClosedLoopResult {
  /** of reads that went to the source */
  readonly missPercent: number;
}

/** Which entries change, and whether the cache is told by their names or by the hot tag. */
export interface EntryChange {
  readonly indexes: readonly number[];
  readonly by: "keys" | "tag";
  readonly giveUpMs: number;
}

/** One cache in this process, and what is measured with it. */
export async function openCacheWorker(setup: CacheWorkerSetup) {
  const source = createSource(setup.keyCount, setup.tagging);
  const cache = await openCache(setup, source);
  const order = drawIndexes(setup.seed, setup.keyCount);
  const cold = order.filter((index) => index % 10 !== 0);
  let steady: OpenLoop | undefined;

  const nameAt = (index: number): string => source.names[index % setup.keyCount] ?? "";

  async function check(name: string, turn: number): Promise<void> {
    const read = cache.read(name);
    const value = read instanceof Promise ? await read : read;
    const version = source.versionOf(name);
    const isRight =
      isEntry(value, name, version) && (turn % sampleEvery !== 0 || isWhole(value, name, version));
    if (!isRight) throw new Error(`a wrong value for ${name}: ${describeValue(value)}`);
  }

  return {
    /** Reads every entry once, so that each is stored. */
    async fill(names: { readonly everyTenth: boolean }): Promise<void> {
      const wanted = names.everyTenth ? source.names.filter((_, index) => index % 10 === 0) : source.names;
      for (let start = 0; start < wanted.length; start += 64) {
        await Promise.all(wanted.slice(start, start + 64).map((name) => check(name, 0)));
      }
    },

    /** @throws {Error} on the first wrong value, and when more than 1 % of stored entries had to be loaded again */
    async read({ oneKey, ...loop }: ReadLoop): Promise<ReadResult> {
      const loadsBefore = source.loads();
      const result = await runClosedLoop(loop, (turn) =>
        check(oneKey ? "entry:0" : nameAt(order[turn % order.length] ?? 0), turn),
      );
      const loads = source.loads() - loadsBefore;
      const missPercent = (loads / result.operations) * 100;
      if (missPercent > mostMissPercent)
        throw new Error(`${missPercent.toFixed(1)} % of the reads were no hits`);
      return { ...result, missPercent };
    },

    startSteadyReads({ perSecond, loadMs, coldOnly }: SteadyReads): Promise<void> {
      source.setLoadMs(loadMs);
      const indexes = coldOnly ? cold : order;
      steady = startOpenLoop(perSecond, async (turn) => {
        const name = nameAt(indexes[turn % indexes.length] ?? 0);
        const version = source.versionOf(name);
        const loads = source.loadsOf(name);
        const value = await cache.read(name);
        if (value?.name !== name) return "error";
        if (value.version < version) return "stale";
        return source.loadsOf(name) > loads ? "load" : "ok";
      });
      return Promise.resolve();
    },

    async stopSteadyReads(patienceMs: number): Promise<readonly OpenLoopSample[]> {
      const samples = (await steady?.stop(patienceMs)) ?? [];
      steady = undefined;
      return samples;
    },

    /** Somebody else has changed these entries in the source. */
    noteChange(indexes: readonly number[]): Promise<void> {
      source.change(indexes.map(nameAt));
      return Promise.resolve();
    },

    /** Changes entries in the source, then tells the cache. */
    async change({ indexes, by, giveUpMs }: EntryChange): Promise<TimedChange> {
      const names = indexes.map(nameAt);
      source.change(names);
      const startedAt = nowMs();
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise((_resolve, reject) => {
        timer = setTimeout(() => {
          reject(new Error(`no answer within ${giveUpMs} ms`));
        }, giveUpMs);
      });
      try {
        const telling = by === "tag" ? cache.invalidateTag("hot") : cache.invalidateKeys(names);
        await Promise.race([telling, patience]);
        return { startedAt, endedAt: nowMs() };
      } catch (error) {
        return { startedAt, endedAt: nowMs(), fault: error instanceof Error ? error.message : String(error) };
      } finally {
        clearTimeout(timer);
      }
    },

    /** Reads these once. @returns loads that took. @throws {Error} on a value that is not the newest */
    async verify(indexes: readonly number[]): Promise<number> {
      const before = source.loads();
      for (const index of indexes) await check(nameAt(index), 0);
      return source.loads() - before;
    },

    stampede: (options: StampedeOptions): Promise<StampedeResult> => runStampede(cache, source, options),

    async close(): Promise<void> {
      await steady?.stop(0);
      await cache.close();
    },
  };
}

function isWhole(value: Entry | undefined, name: string, version: number): boolean {
  return value !== undefined && isWholeEntry(value, name, version);
}

function describeValue(value: Entry | undefined): string {
  return value === undefined ? "none" : JSON.stringify(value).slice(0, 80);
}

export type CacheCalls = Awaited<ReturnType<typeof openCacheWorker>>;
