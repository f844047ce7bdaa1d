import { findMedian } from "../report/benchmark-report";
import type { Row, TargetResult } from "../report/benchmark-report";
import { summarizeLatencies } from "../report/statistics";
import type { RoundFigures } from "../runner/entrant";
import { nowMs } from "../workload/open-loop";
import type { SubmitScene } from "./submit-entrants";

export const submitsPerSecond = 50;
const calmMs = 500;
/** Whoever has no answer then never gets one. */
export const patienceMs = 3000;
const backPatienceMs = 20_000;

/** Redis goes away under steady submissions. Figures are of those begun without it, the first ones included. */
export async function runSubmitOutage(
  { redis, worker }: SubmitScene,
  fault: "killed" | "frozen",
  awayMs: number,
): Promise<RoundFigures> {
  await worker.call.startSteady(submitsPerSecond);
  await sleep(calmMs);
  const lostAt = nowMs();
  if (fault === "killed") await redis.kill();
  else redis.freeze();
  await sleep(awayMs);
  const { samples, rows } = await worker.call.stopSteady(patienceMs);
  if (fault === "killed") await redis.restart();
  else redis.resume();
  const accepted = samples.filter(({ outcome }) => outcome === "accepted");
  // What was never answered may still have been stored.
  if (rows !== undefined && rows < accepted.length) {
    throw new Error(`${accepted.length} were accepted, and ${rows} rows were kept`);
  }
  await waitUntilBack(worker);
  const without = samples.filter(({ atMs }) => atMs >= lostAt);
  const acceptedWithout = without.filter(({ outcome }) => outcome === "accepted");
  const latency = summarizeLatencies(without.map(({ latencyMs }) => latencyMs));
  return {
    acceptedPercent: (acceptedWithout.length / Math.max(1, without.length)) * 100,
    ...latency,
  };
}

/** With the next round everything begins as before. @throws {Error} with what is still missing */
async function waitUntilBack({ call }: SubmitScene["worker"]): Promise<void> {
  const until = nowMs() + backPatienceMs;
  for (;;) {
    try {
      await call.probe();
      return;
    } catch (error) {
      if (nowMs() > until) throw error;
      await sleep(200);
    }
  }
}

export function judgeAccepted(rows: readonly Row[], contestants: readonly string[]): TargetResult {
  const text = "everything is accepted while Redis is away";
  const groups = [...new Set(rows.map(({ group }) => group))].filter((group) => group.startsWith("Redis "));
  const found = groups.flatMap((group) =>
    contestants.map((contestant) => findMedian(rows, { group, contestant, column: "acceptedPercent" })),
  );
  if (found.length === 0 || found.includes(undefined)) return { text, status: "not measured" };
  const worst = Math.min(...found.map((share) => share ?? 0));
  return { text, status: worst === 100 ? "met" : "missed", measured: `${worst.toFixed(1)} % at the worst` };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}
