import { z } from "zod";
import { createCache } from "../cache/cache";
import type { Cache, CacheAnswer } from "../cache/cache";
import type { CacheCounts } from "../cache/cache-counts";
import { parseRedisConfig } from "../config";
import { connectRedisRole } from "../connection/redis-connection";
import { createKeys } from "../keys";
import { noLogger } from "../logger";

/** What a test may ask of a process with a cache in it. */
export interface CacheQuestions {
  /** Many at once for one name; the source takes its time and gives `value`. */
  burst(question: { name: string; callers: number; loadMs: number; value: number }): Promise<BurstAnswer>;
  get(question: { name: string }): Promise<number | null>;
  invalidate(question: { keys?: string[]; tags?: string[] }): Promise<string>;
  counts(question: object): Promise<CacheCounts>;
}

/** What many callers got. */
export interface BurstAnswer {
  readonly loads: number;
  /** how many got which value, in which way: "ok 1" */
  readonly answers: Readonly<Record<string, number>>;
  /** milliseconds the last of them waited */
  readonly longestMs: number;
}

const schema = z.number();

function createQuestions(cache: Cache): CacheQuestions {
  return {
    async burst({ name, callers, loadMs, value }) {
      let loads = 0;
      const load = async () => {
        loads += 1;
        await new Promise((resolve) => setTimeout(resolve, loadMs));
        return value;
      };
      const startedAt = performance.now();
      const given = await Promise.all(
        Array.from({ length: callers }, () => cache.getOrLoad(name, { schema, load })),
      );
      const answers: Record<string, number> = {};
      for (const one of given) answers[describe(one)] = (answers[describe(one)] ?? 0) + 1;
      return { loads, answers, longestMs: performance.now() - startedAt };
    },
    async get({ name }) {
      const found = await cache.get(name, schema);
      return found.kind === "ok" ? (found.value ?? null) : null;
    },
    invalidate: async (what) => (await cache.invalidate(what)).kind,
    counts: () => Promise.resolve(cache.counts()),
  };
}

function describe({ kind, value }: CacheAnswer<number>): string {
  return `${kind} ${value}`;
}

interface Question {
  readonly id: number;
  readonly method: keyof CacheQuestions;
  readonly argument: unknown;
}

async function main(): Promise<void> {
  const config = parseRedisConfig({ REDIS_URL: process.env["REDIS_URL"] ?? "" });
  const role = await connectRedisRole({ role: "cache", config: config.cache, logger: noLogger });
  const questions = createQuestions(createCache({ role, keys: createKeys(config), ttlMs: 60_000 }));
  process.on("message", (message) => {
    const { id, method, argument } = message as Question;
    const ask = questions as unknown as Record<string, (argument: unknown) => Promise<unknown>>;
    void ask[method]?.(argument).then((answer) => process.send?.({ id, answer }));
  });
  // The test that started it has ended.
  process.on("disconnect", () => process.exit(0));
  process.send?.({ id: 0 });
}

void main();
