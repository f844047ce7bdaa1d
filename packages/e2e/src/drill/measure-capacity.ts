import { setTimeout as sleep } from "node:timers/promises";
import { nowMs } from "./measure/clock";
import type { Scene } from "./scene";

/** What the product does at its best, both at once, on this machine beside the drill itself. */
export interface Capacity {
  readonly readsPerSecond: number;
  readonly generationsPerSecond: number;
  readonly measuredSeconds: number;
}

/** Readers who ask again as soon as they are answered. */
const readers = 24;
/** Generations kept open, so that no worker is ever idle. */
const openWanted = 24;
/** Fewer say nothing about a rate. */
const endsWanted = 12;
const times = {
  full: { leastMs: 12_000, mostMs: 40_000 },
  quick: { leastMs: 4_000, mostMs: 20_000 },
};

/** Asks as much as is answered (a closed loop), with the workers always busy. */
export async function measureCapacity(scene: Scene): Promise<Capacity> {
  const { traffic, stored, log } = scene;
  const { leastMs, mostMs } = times[scene.quick ? "quick" : "full"];
  traffic.beginPhase("capacity");
  const stop = new AbortController();
  const loops = [
    ...Array.from({ length: readers }, () => repeat(stop.signal, () => traffic.read(nowMs()))),
    repeat(stop.signal, async () => {
      const missing = openWanted - (await stored.countOpen());
      await Promise.all(Array.from({ length: Math.max(0, missing) }, () => traffic.submit(nowMs())));
      await sleep(200);
    }),
  ];
  // The first ones begin together, and would end together in one moment of the measurement.
  const endedBefore = await waitForEnds(scene, { leastMs: leastMs / 4, mostMs: mostMs / 2, from: 0 });
  const from = nowMs();
  const endedAfter = await waitForEnds(scene, { leastMs, mostMs, from: endedBefore });
  const to = nowMs();
  stop.abort();
  await Promise.all(loops);
  const seconds = (to - from) / 1_000;
  const reads = log.within({ from, to }).filter(({ kind, outcome }) => kind !== "submit" && outcome === "ok");
  return {
    readsPerSecond: reads.length / seconds,
    generationsPerSecond: (endedAfter - endedBefore) / seconds,
    measuredSeconds: seconds,
  };
}

/** @returns how many have ended, once time is up or enough more than `from` have */
async function waitForEnds(
  { stored }: Scene,
  { leastMs, mostMs, from }: { readonly leastMs: number; readonly mostMs: number; readonly from: number },
): Promise<number> {
  const beganAt = nowMs();
  for (;;) {
    await sleep(100);
    const passedMs = nowMs() - beganAt;
    const ended = await stored.countEnded();
    if (passedMs >= mostMs || (passedMs >= leastMs && ended >= from + endsWanted)) return ended;
  }
}

async function repeat(signal: AbortSignal, act: () => Promise<void>): Promise<void> {
  while (!signal.aborted) await act();
}
