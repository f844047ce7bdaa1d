import { isDeepStrictEqual } from "node:util";
import { setTimeout as sleep } from "node:timers/promises";
import type { ReadModelName } from "@vibe-friend/contracts/read-model-stage";
import { readModels } from "@vibe-friend/contracts/read-models";
import type { Logger } from "./logger";
import type { ReadFigures, ReadFrom } from "./read-figures";
import type { ReadModelStages } from "./read-model-stages";

/** A value, and where it came from. `stale`: beyond its time, because its source can't be asked. */
export interface ReadAnswer<T> {
  readonly value: T;
  readonly from: ReadFrom;
  readonly stale: boolean;
}

/** The two ways to one value. */
export interface ReadWays<T> {
  /** for the log */
  readonly key: string;
  /** Through the cache, which is filled where it has nothing. What asks the source goes through `timed`. */
  cached(timed: <R>(ask: () => Promise<R>) => Promise<R>): Promise<ReadAnswer<T>>;
  /** Past every cache. */
  source(): Promise<T>;
}

export interface StagedReadOptions {
  readonly stages: Pick<ReadModelStages, "of" | "onChange">;
  readonly figures: ReadFigures;
  readonly logger: Pick<Logger, "warn">;
  /** milliseconds before each further look at a value that seems wrong; default 50, 250, 1000 */
  readonly recheckMs?: readonly number[];
}

/** Reads in the way that the model's stage says, and counts what it was like. */
export interface StagedReads {
  /** @throws whatever the way throws that answers */
  read<T>(model: ReadModelName, ways: ReadWays<T>): Promise<ReadAnswer<T>>;
  /** Reads on the process's own behalf: nothing is counted or compared, so that figures tell what people do. */
  readQuietly<T>(model: ReadModelName, ways: ReadWays<T>): Promise<ReadAnswer<T>>;
  /** Asks a source on nobody's behalf, as ahead of time; how long it took is counted. */
  time<T>(model: ReadModelName, ask: () => Promise<T>): Promise<T>;
  /** Resolves when no comparison is under way any more. */
  settled(): Promise<void>;
}

/** Comparisons at a time: a slow cache beside the answers must not pile up. */
const MAX_COMPARISONS = 8;

export function createStagedReads(options: StagedReadOptions): StagedReads {
  const { stages, figures, logger, recheckMs = [50, 250, 1000] } = options;
  const comparisons = new Set<Promise<void>>();
  stages.onChange((model) => {
    figures.restart(model);
  });

  async function timed<T>(model: ReadModelName, ask: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    const seconds = () => (performance.now() - startedAt) / 1000;
    try {
      const value = await ask();
      figures.loaded(model, { ok: true, seconds: seconds() });
      return value;
    } catch (error) {
      figures.loaded(model, { ok: false, seconds: seconds() });
      throw error;
    }
  }

  async function look<T>(model: ReadModelName, ways: ReadWays<T>): Promise<ReadAnswer<T>> {
    const startedAt = performance.now();
    const answer = await ways.cached((ask) => timed(model, ask));
    const seconds = (performance.now() - startedAt) / 1000;
    figures.looked(model, { from: answer.from, stale: answer.stale, seconds });
    return answer;
  }

  /** A change that is just under way makes a difference too: only one that stays while both stand still counts. */
  async function staysDifferent<T>(ways: ReadWays<T>): Promise<boolean> {
    const cached = async () => (await ways.cached((ask) => ask())).value;
    for (const pauseMs of recheckMs) {
      await sleep(pauseMs, undefined, { ref: false });
      const before = await cached();
      const truth = await ways.source();
      const after = await cached();
      if (!isSame(before, after) || isSame(truth, after)) return false;
    }
    return true;
  }

  async function compare<T>(model: ReadModelName, ways: ReadWays<T>, truth: T): Promise<void> {
    try {
      const { from, value } = await look(model, ways);
      if (from === "source" || !readModels[model].exact) return;
      const isEqual = isSame(value, truth) || !(await staysDifferent(ways));
      figures.compared(model, isEqual);
      if (!isEqual) logger.warn("a cached value is not what its source says", { model, key: ways.key });
    } catch {
      // Beside the answer: a cache or source that fails here is seen by its own figures.
    }
  }

  return {
    async read(model, ways) {
      figures.called(model);
      const stage = stages.of(model);
      if (stage === "on") return await look(model, ways);
      const value = await timed(model, () => ways.source());
      if (stage === "shadow" && comparisons.size < MAX_COMPARISONS) {
        const comparison = compare(model, ways, value).finally(() => comparisons.delete(comparison));
        comparisons.add(comparison);
      }
      return { value, from: "source", stale: false };
    },
    async readQuietly(model, ways) {
      if (stages.of(model) === "on") return await ways.cached((ask) => ask());
      return { value: await ways.source(), from: "source", stale: false };
    },
    time: timed,
    async settled() {
      await Promise.all(comparisons);
    },
  };
}

/** As JSON tells them apart: a cached value has been through it. */
function isSame(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b)));
}
