import type { Row } from "../report/benchmark-report";
import { judgeRatio } from "../report/judge-target";
import { summarizeLatencies } from "../report/statistics";
import type { BenchContext, Benchmark } from "../runner/benchmark";
import type { RoundFigures } from "../runner/entrant";
import { runRounds } from "../runner/run-rounds";
import { createOwnFanOut, ownTitles } from "./fan-out-own";
import { createPlainFanOut, plainTitles } from "./fan-out-plain";
import { countSockets } from "./fan-out-scene";
import type { FanOutPace, FanOutScene } from "./fan-out-scene";

const collectPatienceMs = 90_000;

export const fanOut: Benchmark = {
  name: "fan-out",
  peers: ["socket.io"],
  async run(context) {
    const { quick } = context;
    const paces: readonly FanOutPace[] = [
      { group: "at a reader's pace", engineRate: 800, cutAfterMs: quick ? 1500 : 4000 },
      { group: "as fast as it can", engineRate: 0 },
    ];
    const rows: Row[] = [];
    for (const pace of paces) rows.push(...(await runPace(context, pace)));
    return {
      name: "fan-out",
      title: `One generation, ${countSockets(context)} sockets on two nodes`,
      method:
        "WebSockets in two processes of clients, all subscribed before the first event; every socket must get every event once, in order.\n" +
        "vibe-friend: an engine writes, events are committed to Postgres every 50 ms, sockets are signed in and each has its own place in the log; timed\n" +
        "from the batch being given to Postgres. Socket.IO: the same events, broadcast to a room by one of the nodes, neither kept nor signed in; timed\n" +
        "from `emit`. Milliseconds until the last socket has an event, over all events of a round; memory is resident, of the larger node.",
      columns: [
        { key: "lastP50Ms", title: "last has it p50" },
        { key: "lastP99Ms", title: "p99 ms" },
        { key: "deliveredPerSecond", title: "delivered/s" },
        { key: "connectedMb", title: "MB connected" },
        { key: "afterMb", title: "MB after" },
      ],
      baseline: { contestants: [plainTitles.redis], column: "deliveredPerSecond" },
      rows,
      targets: [
        judgeRatio(rows, {
          text: "at full speed at least half of what plain Socket.IO delivers",
          groups: ["as fast as it can"],
          contestant: ownTitles.nodes,
          against: [plainTitles.redis, plainTitles.sharded],
          column: "deliveredPerSecond",
          atLeast: 0.5,
        }),
      ],
      remarks: [
        "At a reader's pace the engine decides how much there is to deliver, and `delivered/s` says nothing about speed.",
      ],
    };
  },
};

function runPace(context: BenchContext, pace: FanOutPace): Promise<Row[]> {
  const options = { pace, recording: {} };
  return runRounds({
    group: pace.group,
    entrants: [
      createOwnFanOut(context, "nodes", options),
      createOwnFanOut(context, "gateway", options),
      createPlainFanOut(context, "redis", options),
      createPlainFanOut(context, "sharded", options),
    ],
    rounds: context.quick ? 1 : 3,
    onProgress: context.onProgress,
    measure,
  });
}

async function measure(scene: FanOutScene): Promise<RoundFigures> {
  const { crowd } = scene;
  const id = await scene.prepare();
  await crowd.subscribe(id);
  const connected = await scene.readMemory();
  const subscribedAt = Date.now();
  const sentAt = await scene.run(id);
  const lastAt = await crowd.collect(sentAt.length, collectPatienceMs);
  return {
    ...summarizeFanOut({ sentAt, lastAt, from: subscribedAt, sockets: crowd.size }),
    connectedMb: connected / 1e6,
    afterMb: (await scene.readMemory()) / 1e6,
  };
}

interface FanOutTimes {
  /** by event; milliseconds since 1970 */
  readonly sentAt: readonly number[];
  readonly lastAt: readonly number[];
  /** what was sent before is history, not live */
  readonly from: number;
  readonly sockets: number;
}

/** @throws {Error} when no event came live */
export function summarizeFanOut({ sentAt, lastAt, from, sockets }: FanOutTimes): RoundFigures {
  const live = sentAt.flatMap((sent, index) =>
    sent < from ? [] : [{ sent, last: lastAt[index] ?? Infinity }],
  );
  const latency = summarizeLatencies(live.map(({ sent, last }) => last - sent));
  if (latency === undefined) throw new Error("no event came live");
  const firstSent = Math.min(...live.map(({ sent }) => sent));
  const lastSeen = Math.max(...live.map(({ last }) => last));
  return {
    lastP50Ms: latency.p50Ms,
    lastP99Ms: latency.p99Ms,
    deliveredPerSecond: (live.length * sockets * 1000) / (lastSeen - firstSent),
  };
}
