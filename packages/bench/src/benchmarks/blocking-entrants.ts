import { startWorker } from "../process/worker-process";
import { startBenchStack } from "../runner/bench-stack";
import type { BenchContext } from "../runner/benchmark";
import type { Entrant } from "../runner/entrant";
import { followGeneration } from "../workload/follow-generation";
import { createHttpPool } from "../workload/http-pool";
import type { HttpPool } from "../workload/http-pool";
import { openLiveSocket } from "../workload/live-socket";
import { registerPeople } from "../workload/person";
import type { Person } from "../workload/person";
import { shortPrompt as prompt, submitOverHttp } from "../workload/submit-over-http";

export const runnersCount = 20;

export interface BlockingScene {
  readonly pool: HttpPool;
  /** who wants something else */
  readonly stranger: Person;
  /** Runs one generation to its end. @param number which of the 20 people it is */
  readonly runOne: (number: number) => Promise<void>;
}

export const blockingTitles = {
  async: "vibe-friend, asynchronous",
  sync: "vibe-friend, synchronous mode",
  naive: "Express, engine in the request",
} as const;

/** The two ways of the product, on a stack each, with two workers of ten runs at once. */
export function createOwnEntrant(
  context: BenchContext,
  way: "async" | "sync",
  engineRate: number,
): Entrant<BlockingScene> {
  return {
    contestant: blockingTitles[way],
    async open() {
      const env = { BUILT_IN_ENGINE_RATE: String(engineRate), GENERATION_CONCURRENCY: "10" };
      const stack = await startBenchStack(context, { workers: 2, env });
      try {
        const [stranger, ...runners] = await registerPeople(stack.url, runnersCount + 1);
        if (stranger === undefined) throw new Error("nobody registered");
        const sockets = await Promise.all(runners.map(({ cookie }) => openLiveSocket(stack.url, cookie)));
        const pool = createHttpPool(stack.url);
        return {
          pool,
          stranger,
          async runOne(number) {
            const [runner, socket] = [runners[number], sockets[number]];
            if (runner === undefined || socket === undefined) throw new Error("there is no such person");
            const id = await submitOverHttp(pool, runner, {
              prompt,
              ...(way === "sync" && { mode: "sync" }),
            });
            if (way === "async") await followGeneration(socket, id);
          },
          async stop() {
            for (const socket of sockets) socket.close();
            pool.close();
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

/** One process, as an Express application begins: with our session store, the same engine, a table for the files. */
export function createNaiveEntrant(context: BenchContext, engineRate: number): Entrant<BlockingScene> {
  return {
    contestant: blockingTitles.naive,
    async open() {
      const { url: databaseUrl, userId } = await context.openDatabase();
      const redis = await context.startRedis("state");
      try {
        const setup = { redisUrl: redis.url, databaseUrl, userId, engineRate };
        const worker = await startWorker("naive", setup);
        const pool = createHttpPool(`http://127.0.0.1:${await worker.call.readPort()}`);
        const stranger = { userId, email: "", csrfToken: "", cookie: await worker.call.signIn() };
        return {
          pool,
          stranger,
          async runOne() {
            await submitOverHttp(pool, stranger, { prompt, mode: "sync" });
          },
          async stop() {
            pool.close();
            await worker.stop();
            await redis.stop();
          },
        };
      } catch (error) {
        await redis.stop();
        throw error;
      }
    },
  };
}
