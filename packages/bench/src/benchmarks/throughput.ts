import { availableParallelism } from "node:os";
import type { Stack } from "@vibe-friend/local-stack/stack";
import type { Row } from "../report/benchmark-report";
import { judgeRatio } from "../report/judge-target";
import { readMetric } from "../report/read-metric";
import { startBenchStack } from "../runner/bench-stack";
import type { BenchContext, Benchmark } from "../runner/benchmark";
import type { Entrant, RoundFigures } from "../runner/entrant";
import { keepOpen } from "../runner/keep-open";
import { runRounds } from "../runner/run-rounds";
import { watchGenerations } from "../workload/generation-rows";
import type { GenerationWatch } from "../workload/generation-rows";
import { createHttpPool } from "../workload/http-pool";
import type { HttpPool } from "../workload/http-pool";
import { registerPeople } from "../workload/person";
import type { Person } from "../workload/person";
import { runMany } from "../workload/run-many";
import { shortPrompt, submitOverHttp } from "../workload/submit-over-http";

interface Scene {
  readonly stack: Stack;
  readonly people: readonly Person[];
  readonly pool: HttpPool;
  readonly watch: GenerationWatch;
}

/** Fewer and fewer, so that workers only have to be stopped. */
const workerCounts = [4, 2, 1] as const;
const concurrency = 4;
const fromQueue = "from BullMQ";
const fromRows = "from the rows, without Redis";
const patienceMs = 60_000;

export const throughput: Benchmark = {
  name: "throughput",
  peers: [],
  async run(context) {
    const { entrants, close } = keepOpen([
      createEntrant(context, fromQueue, true),
      createEntrant(context, fromRows, false),
    ]);
    const rows: Row[] = [];
    try {
      for (const count of workerCounts) rows.unshift(...(await runGroup(context, entrants, count)));
    } finally {
      await close();
    }
    const cores = availableParallelism();
    return {
      name: "throughput",
      title: "Generations per second",
      method:
        `Short generations by the built-in engine as fast as it can, ${concurrency} at once in each worker, submitted over HTTP, 16 at once. The clock\n` +
        "runs from the first prompt to the last end. Everything must complete at its first try. CPU is the workers', per generation.",
      columns: [
        { key: "generationsPerSecond", title: "generations/s" },
        { key: "eventsPerSecond", title: "events/s" },
        { key: "workerCpuMs", title: "worker CPU ms" },
      ],
      baseline: { contestants: [fromQueue], column: "generationsPerSecond" },
      rows,
      targets: [
        judgeRatio(rows, {
          text: "without Redis at least 0.8 of what it is with it",
          groups: workerCounts.map(titleOf).toReversed(),
          contestant: fromRows,
          against: [fromQueue],
          column: "generationsPerSecond",
          atLeast: 0.8,
        }),
      ],
      remarks: [
        `${cores} cores for workers, Postgres, Redis, gateway and client: more than about ${Math.max(1, cores - 1)} busy workers can't scale here.`,
      ],
    };
  },
};

function titleOf(count: number): string {
  return count === 1 ? "1 worker" : `${count} workers`;
}

function createEntrant(context: BenchContext, contestant: string, redis: boolean): Entrant<Scene> {
  return {
    contestant,
    async open() {
      const workers = Math.max(...workerCounts);
      const env = { BUILT_IN_ENGINE_RATE: "0", GENERATION_CONCURRENCY: String(concurrency) };
      const stack = await startBenchStack(context, { redis, workers, env });
      try {
        const people = await registerPeople(stack.url, 8);
        const watch = await watchGenerations(stack.databaseUrl);
        const pool = createHttpPool(stack.url);
        return {
          stack,
          people,
          pool,
          watch,
          async stop() {
            pool.close();
            await watch.close();
            await stack.stop();
          },
        };
      } catch (error) {
        await stack.stop();
        throw error;
      }
    },
  };
}

function runGroup(
  { quick, onProgress }: BenchContext,
  entrants: readonly Entrant<Scene>[],
  workers: number,
): Promise<Row[]> {
  const count = quick ? 12 : 80;
  return runRounds({
    group: titleOf(workers),
    entrants,
    rounds: quick ? 1 : 3,
    onProgress,
    async measure(scene, round) {
      if (round === 0) {
        await keepWorkers(scene.stack, workers);
        // Code is compiled, connections are open.
        await measure(scene, quick ? 4 : 16);
      }
      return measure(scene, count);
    },
  });
}

function listWorkers(stack: Stack) {
  return stack.parts().filter(({ name }) => name.startsWith("generation-worker"));
}

async function keepWorkers(stack: Stack, count: number): Promise<void> {
  for (const { name } of listWorkers(stack).slice(count)) await stack.kill(name, "SIGTERM");
}

async function measure({ stack, people, pool, watch }: Scene, count: number): Promise<RoundFigures> {
  const before = await watch.count();
  const cpuBefore = await readCpuSeconds(stack);
  const startedAt = performance.now();
  await runMany({ count, atOnce: 16 }, async (number) => {
    const person = people[number % people.length];
    if (person === undefined) throw new Error("nobody is there to submit");
    await submitOverHttp(pool, person, { prompt: shortPrompt });
  });
  const after = await watch.waitUntilEnded(patienceMs);
  const seconds = (performance.now() - startedAt) / 1000;
  const whole = after.whole - before.whole;
  if (whole !== count || after.total - before.total !== count) {
    throw new Error(`of ${count} generations ${whole} completed at their first try`);
  }
  return {
    generationsPerSecond: count / seconds,
    eventsPerSecond: (after.events - before.events) / seconds,
    workerCpuMs: (((await readCpuSeconds(stack)) - cpuBefore) * 1000) / count,
  };
}

/** User and system, of all workers that run, as they say themselves. */
async function readCpuSeconds(stack: Stack): Promise<number> {
  let seconds = 0;
  for (const { url } of listWorkers(stack)) {
    const text = await (await fetch(`${url}/metrics`)).text();
    seconds += readMetric(text, "process_cpu_seconds_total");
  }
  return seconds;
}
