import type { RedisServer } from "@vibe-friend/local-stack/redis-server";
import type { RoundFigures } from "../runner/entrant";
import { nowMs } from "../workload/open-loop";
import { readsPerSecond } from "./outage-entrant";
import type { OutageScene } from "./outage-entrant";
import { summarizeOutage } from "./summarize-outage";

export type OutageFault = "killed" | "frozen";

/** Milliseconds. */
export interface OutageTimes {
  readonly calmMs: number;
  readonly outageMs: number;
  readonly afterMs: number;
  readonly patienceMs: number;
}

const changed = Array.from({ length: 20 }, (_, index) => index);

/** One outage under steady reads. The cache is told of changes in its middle, and gets a second to take note. */
export async function runOutage(
  { redis, worker }: OutageScene,
  fault: OutageFault,
  times: OutageTimes,
): Promise<RoundFigures> {
  const { calmMs, outageMs, afterMs, patienceMs } = times;
  await worker.call.startSteadyReads({ perSecond: readsPerSecond, loadMs: 5, coldOnly: false });
  await sleep(calmMs);
  const lostAt = nowMs();
  await lose(redis, fault);
  await sleep(outageMs / 2);
  await worker.call.change({ indexes: changed, by: "keys", giveUpMs: 1000 });
  await sleep(lostAt + outageMs - nowMs());
  await bringBack(redis, fault);
  const backAt = nowMs();
  await sleep(afterMs);
  const samples = await worker.call.stopSteadyReads(patienceMs);
  return summarizeOutage(samples, { lostAt, backAt });
}

async function lose(redis: RedisServer, fault: OutageFault): Promise<void> {
  if (fault === "killed") await redis.kill();
  else redis.freeze();
}

async function bringBack(redis: RedisServer, fault: OutageFault): Promise<void> {
  if (fault === "killed") await redis.restart();
  else redis.resume();
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}
