import { summarizeLatencies } from "../report/statistics";
import type { RoundFigures } from "../runner/entrant";
import { nowMs } from "../workload/open-loop";
import type { TagParties } from "./tag-parties";

export const readsPerSecond = 1000;
/** The reader is looked at for at least this long from the invalidation on; milliseconds. */
export const windowMs = 250;

/**
 * One invalidation under steady reads.
 *
 * @throws {Error} when a tagged entry is not loaded anew afterwards, or another one is
 */
export async function measureInvalidation(
  { writer, reader }: TagParties,
  keyCount: number,
): Promise<RoundFigures> {
  const tagged = Array.from({ length: keyCount / 10 }, (_, index) => index * 10);
  const sample = tagged.filter((_, index) => index % 50 === 0);
  await reader.call.startSteadyReads({ perSecond: readsPerSecond, loadMs: 0, coldOnly: true });
  await sleep(300);
  const before = nowMs();
  await sleep(700);
  const change = await writer.call.change({ indexes: tagged, by: "tag", giveUpMs: 60_000 });
  await sleep(Math.max(0, change.startedAt + windowMs - nowMs()));
  const until = Math.max(change.endedAt, change.startedAt + windowMs);
  const samples = await reader.call.stopSteadyReads(2000);
  if (change.fault !== undefined) throw new Error(`invalidating failed: ${change.fault}`);
  const unmoved = samples.filter((one) => one.outcome === "ok");
  if (unmoved.length < samples.length)
    throw new Error(`${samples.length - unmoved.length} reads were no hits`);
  await reader.call.noteChange(tagged);
  // The other process looks: what it reads comes past the first one's memory. Its loads fill the cache again.
  const loads = await reader.call.verify(sample);
  if (loads < sample.length) throw new Error(`${sample.length - loads} tagged entries were not invalidated`);
  await writer.call.fill({ everyTenth: true });
  const between = (from: number, to: number) =>
    summarizeLatencies(
      unmoved.filter(({ atMs }) => atMs >= from && atMs < to).map(({ latencyMs }) => latencyMs),
    );
  const calm = between(before, change.startedAt);
  const during = between(change.startedAt, until);
  if (calm === undefined || during === undefined) throw new Error("nobody read meanwhile");
  return {
    invalidateMs: change.endedAt - change.startedAt,
    beforeP50Ms: calm.p50Ms,
    duringP50Ms: during.p50Ms,
    beforeP99Ms: calm.p99Ms,
    duringP99Ms: during.p99Ms,
    duringMaxMs: during.maxMs,
  };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
