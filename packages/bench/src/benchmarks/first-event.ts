import type { Row } from "../report/benchmark-report";
import { findMedian } from "../report/benchmark-report";
import type { TargetResult } from "../report/benchmark-report";
import { summarizeLatencies } from "../report/statistics";
import { startBenchStack } from "../runner/bench-stack";
import type { BenchContext, Benchmark } from "../runner/benchmark";
import type { Entrant, RoundFigures } from "../runner/entrant";
import { keepOpen } from "../runner/keep-open";
import { runRounds } from "../runner/run-rounds";
import { followGeneration } from "../workload/follow-generation";
import { createHttpPool } from "../workload/http-pool";
import type { HttpPool } from "../workload/http-pool";
import { openLiveSocket } from "../workload/live-socket";
import type { LiveSocket } from "../workload/live-socket";
import { nowMs } from "../workload/open-loop";
import { registerPeople } from "../workload/person";
import type { Person } from "../workload/person";
import { runMany } from "../workload/run-many";
import { shortPrompt, submitOverHttp } from "../workload/submit-over-http";

/** Somebody with a page open: a socket is there before the prompt is sent. */
interface Scene {
  readonly browsers: readonly { readonly person: Person; readonly socket: LiveSocket }[];
  readonly pool: HttpPool;
}

const mostAtOnce = 8;
/** What a person sees, in this order. */
const moments = ["accepted", "queued", "started", "file:delta"] as const;
const titles = {
  accepted: "accepted",
  queued: "first event",
  started: "started",
  "file:delta": "first text",
};
const redisUp = "Redis up";
const redisOff = "Redis off";

export const firstEvent: Benchmark = {
  name: "first-event",
  peers: [],
  async run(context) {
    const { entrants, close } = keepOpen([
      createEntrant(context, redisUp, true),
      createEntrant(context, redisOff, false),
    ]);
    const rows: Row[] = [];
    try {
      for (const atOnce of [1, mostAtOnce]) rows.push(...(await runGroup(context, entrants, atOnce)));
    } finally {
      await close();
    }
    return {
      name: "first-event",
      title: "From the prompt to what a browser sees",
      method:
        "Asynchronous mode. A prompt over HTTP, then `generation:subscribe` on a socket that is open already; all through the gateway.\n" +
        "Milliseconds from before the prompt was sent: the answer (202), the first event of the generation (`queued`), `started` (a worker has it), and\n" +
        "the first text of a file. Engine as fast as it can, short prompts; each history is checked to its end. p99 is of a round, the median over rounds.",
      columns: moments.flatMap((moment) => [
        { key: `${moment} p50`, title: `${titles[moment]} p50` },
        { key: `${moment} p99`, title: "p99" },
      ]),
      baseline: { contestants: [redisUp], column: "started p50" },
      rows,
      targets: [judgeStart(rows, redisUp, 1000), judgeStart(rows, redisOff, 2000)],
      remarks: ["Ratio and spread are of `started p50`."],
    };
  },
};

function createEntrant(context: BenchContext, contestant: string, redis: boolean): Entrant<Scene> {
  return {
    contestant,
    async open() {
      const stack = await startBenchStack(context, { redis, env: { BUILT_IN_ENGINE_RATE: "0" } });
      try {
        const people = await registerPeople(stack.url, mostAtOnce);
        const open = people.map(async (person) => ({
          person,
          socket: await openLiveSocket(stack.url, person.cookie),
        }));
        const browsers = await Promise.all(open);
        const pool = createHttpPool(stack.url);
        const scene = { browsers, pool };
        await measure(scene, { atOnce: mostAtOnce, samples: mostAtOnce });
        return {
          ...scene,
          async stop() {
            for (const { socket } of browsers) socket.close();
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

function runGroup(
  { quick, onProgress }: BenchContext,
  entrants: readonly Entrant<Scene>[],
  atOnce: number,
): Promise<Row[]> {
  return runRounds({
    group: `${atOnce} at once`,
    entrants,
    rounds: quick ? 1 : 3,
    onProgress,
    measure: (scene) => measure(scene, { atOnce, samples: quick ? 8 : 48 }),
  });
}

async function measure(
  { browsers, pool }: Scene,
  { atOnce, samples }: { readonly atOnce: number; readonly samples: number },
): Promise<RoundFigures> {
  const free = [...browsers];
  const taken = new Map<string, number[]>(moments.map((moment) => [moment, []]));
  await runMany({ count: samples, atOnce }, async () => {
    const browser = free.pop();
    if (browser === undefined) throw new Error("more prompts at once than browsers");
    const sentAt = nowMs();
    const id = await submitOverHttp(pool, browser.person, { prompt: shortPrompt });
    const acceptedAt = nowMs();
    const history = await followGeneration(browser.socket, id);
    for (const moment of moments) {
      const at = moment === "accepted" ? acceptedAt : history.firstAt(moment);
      if (at === undefined) throw new Error(`there was no ${moment}`);
      taken.get(moment)?.push(at - sentAt);
    }
    free.push(browser);
  });
  return Object.fromEntries(
    [...taken].flatMap(([moment, samplesMs]) => {
      const latency = summarizeLatencies(samplesMs);
      if (latency === undefined) return [];
      return [[`${moment} p50`, latency.p50Ms] as const, [`${moment} p99`, latency.p99Ms] as const];
    }),
  );
}

function judgeStart(rows: readonly Row[], contestant: string, atMostMs: number): TargetResult {
  const text = `${contestant}: started within ${atMostMs / 1000} s in 99 of 100, one at a time`;
  const p99 = findMedian(rows, { group: "1 at once", contestant, column: "started p99" });
  if (p99 === undefined) return { text, status: "not measured" };
  return { text, status: p99 <= atMostMs ? "met" : "missed", measured: `${p99.toFixed(0)} ms` };
}
