import type { HttpSetup } from "../contestants/http/http-worker";
import { placePeer } from "../peers/place-peer";
import { startWorker } from "../process/worker-process";
import type { Row } from "../report/benchmark-report";
import type { BenchContext, Benchmark } from "../runner/benchmark";
import type { Entrant } from "../runner/entrant";
import { runRounds } from "../runner/run-rounds";
import { runClosedLoop } from "../workload/closed-loop";
import type { ClosedLoopResult } from "../workload/closed-loop";
import { openHttpClients } from "./http-clients";
import type { HttpClients } from "./http-clients";
import { measureBoth } from "./read-figures";
import { describeClaim } from "./session-claim";
import { sessionContestants } from "./sessions";

const noSession = "no session";
const mostAtOnce = 64;

export const httpSessions: Benchmark = {
  name: "http-sessions",
  peers: ["connect-redis", "connect-pg-simple"],
  async run(context) {
    const redis = await context.startRedis("state");
    const rows: Row[] = [];
    try {
      const { url, userId } = await context.openDatabase();
      const entrants = createEntrants(context, { redisUrl: redis.url, databaseUrl: url, userId });
      for (const concurrency of [1, mostAtOnce]) {
        rows.push(...(await runGroup(context, entrants, concurrency)));
      }
    } finally {
      await redis.stop();
    }
    const title = (adapter: string) => sessionContestants.find((one) => one.adapter === adapter)?.title ?? "";
    return {
      name: "http-sessions",
      title: "Requests with a session, over HTTP",
      method:
        "Closed loop over kept-alive connections, a session each; GET /me answers the user's id. Server in one process,\n" +
        "client in another, both on this machine. Everybody touches sessions as they do by default.",
      columns: [
        { key: "operationsPerSecond", title: "requests/s" },
        { key: "p50Ms", title: "p50 ms" },
        { key: "p99Ms", title: "p99 ms" },
      ],
      baseline: { contestants: [noSession], column: "operationsPerSecond" },
      rows,
      targets: [],
      remarks: [
        "vibe-friend is the gateway's own gate in front of the route, without the gateway's metrics and headers.",
        ...describeClaim(rows, {
          redis: title("ours"),
          databases: [title("ours-degraded"), title("connect-pg-simple")],
        }),
      ],
    };
  },
};

function createEntrants(
  context: BenchContext,
  place: Pick<HttpSetup, "redisUrl" | "databaseUrl" | "userId">,
): Entrant<{ clients: HttpClients }>[] {
  const open = (adapter: HttpSetup["adapter"], peerDirectory: string) => async () => {
    const worker = await startWorker("http", { ...place, adapter, peerDirectory });
    try {
      const port = await worker.call.readPort();
      const clients = await openHttpClients(port, { count: mostAtOnce, userId: place.userId });
      const warmUp = { concurrency: mostAtOnce, durationMs: context.quick ? 100 : 1500, timed: false };
      const free = clients.take(mostAtOnce);
      await runClosedLoop(warmUp, () => free.ask());
      return {
        clients,
        async stop() {
          clients.close();
          await worker.stop();
        },
      };
    } catch (error) {
      await worker.stop();
      throw error;
    }
  };
  return [
    { contestant: noSession, open: open("none", "") },
    ...sessionContestants.map(({ adapter, title, peer }) => {
      const { directory, missing } =
        peer === undefined ? { directory: "" } : placePeer(context.findPeer(peer));
      return {
        contestant: title,
        ...(missing === undefined ? {} : { missing }),
        open: open(adapter, directory),
      };
    }),
  ];
}

function runGroup(
  { quick, onProgress }: BenchContext,
  entrants: readonly Entrant<{ clients: HttpClients }>[],
  concurrency: number,
): Promise<Row[]> {
  const loop = { concurrency, durationMs: quick ? 150 : 800 };
  return runRounds({
    group: `${concurrency} at once`,
    entrants,
    rounds: quick ? 2 : 7,
    onProgress,
    async measure({ clients }) {
      const run = (timing: Parameters<typeof runClosedLoop>[0]): Promise<ClosedLoopResult> => {
        const free = clients.take(timing.concurrency);
        return runClosedLoop(timing, () => free.ask());
      };
      const { operationsPerSecond, p50Ms, p99Ms } = await measureBoth(loop, run);
      return {
        operationsPerSecond: operationsPerSecond ?? 0,
        ...(p50Ms === undefined || p99Ms === undefined ? {} : { p50Ms, p99Ms }),
      };
    },
  });
}
