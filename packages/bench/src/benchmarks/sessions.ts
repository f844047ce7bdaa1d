import type { SessionAdapterName } from "../contestants/sessions/session-contestant";
import { peerPackages } from "../peers/peer-packages";
import type { PeerName } from "../peers/peer-packages";
import { placePeer } from "../peers/place-peer";
import { startWorker } from "../process/worker-process";
import type { Row } from "../report/benchmark-report";
import type { BenchContext, Benchmark } from "../runner/benchmark";
import type { Entrant } from "../runner/entrant";
import { runRounds } from "../runner/run-rounds";
import type { ClosedLoopResult } from "../workload/closed-loop";
import { describeClaim } from "./session-claim";
import { closedLoopColumns, closedLoopMethod, measureBoth } from "./read-figures";

interface SessionFinder {
  readonly call: {
    find(loop: {
      concurrency: number;
      durationMs: number;
      timed: boolean;
      touch: boolean;
    }): Promise<ClosedLoopResult>;
  };
}

/** Who keeps sessions, where. */
export const sessionContestants: readonly {
  readonly adapter: SessionAdapterName;
  readonly title: string;
  readonly peer?: PeerName;
}[] = [
  { adapter: "ours", title: "vibe-friend, Redis" },
  { adapter: "ours-degraded", title: "vibe-friend, degraded to Postgres" },
  {
    adapter: "connect-redis",
    title: `connect-redis ${peerPackages["connect-redis"]["connect-redis"]}`,
    peer: "connect-redis",
  },
  {
    adapter: "connect-pg-simple",
    title: `connect-pg-simple ${peerPackages["connect-pg-simple"]["connect-pg-simple"]}`,
    peer: "connect-pg-simple",
  },
];

const sessionCount = 1000;

export const sessions: Benchmark = {
  name: "sessions",
  peers: ["connect-redis", "connect-pg-simple"],
  async run(context) {
    const redis = await context.startRedis("state");
    const rows: Row[] = [];
    try {
      const { url, userId } = await context.openDatabase();
      const place = { redisUrl: redis.url, databaseUrl: url, userId };
      for (const touch of [false, true]) {
        for (const concurrency of [1, 64]) {
          const group = `find${touch ? " and touch" : ""}, ${concurrency} at once`;
          rows.push(...(await runGroup(context, place, { group, touch, concurrency })));
        }
      }
    } finally {
      await redis.stop();
    }
    const baseline = "vibe-friend, degraded to Postgres";
    return {
      name: "sessions",
      title: "Finding a session, at the store",
      method: `${closedLoopMethod}\n1,000 sessions read at random; pools of 10 connections to Postgres.`,
      columns: closedLoopColumns("finds"),
      baseline: { contestants: [baseline], column: "operationsPerSecond" },
      rows,
      targets: [],
      remarks: [
        "Touching is what each does at a request: express-session's stores write every time, vibe-friend once a minute.",
        "vibe-friend finds users that were disabled or signed out elsewhere too; connect-pg-simple reads one table by its key.",
        ...describeClaim(rows, {
          redis: "vibe-friend, Redis",
          databases: [baseline, sessionContestants[3]?.title ?? ""],
        }),
      ],
    };
  },
};

interface Place {
  readonly redisUrl: string;
  readonly databaseUrl: string;
  readonly userId: string;
}

function runGroup(
  context: BenchContext,
  place: Place,
  { group, touch, concurrency }: { group: string; touch: boolean; concurrency: number },
): Promise<Row[]> {
  const { quick, seed, onProgress } = context;
  const loop = { concurrency, durationMs: quick ? 100 : 600 };
  const entrants = sessionContestants.map(({ adapter, title, peer }): Entrant<SessionFinder> => {
    const { directory, missing } = peer === undefined ? { directory: "" } : placePeer(context.findPeer(peer));
    return {
      contestant: title,
      ...(missing === undefined ? {} : { missing }),
      async open() {
        const worker = await startWorker("session", {
          ...place,
          adapter,
          peerDirectory: directory,
          sessionCount,
          seed,
        });
        await worker.call.find({ ...loop, durationMs: quick ? 100 : 1500, timed: false, touch });
        return worker;
      },
    };
  });
  return runRounds({
    group,
    entrants,
    rounds: quick ? 2 : 7,
    onProgress,
    measure: ({ call }) => measureBoth(loop, (timing) => call.find({ ...timing, touch })),
  });
}
