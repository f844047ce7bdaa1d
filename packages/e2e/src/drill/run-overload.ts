import { setTimeout as sleep } from "node:timers/promises";
import type { GenerationAccount } from "./history/generation-ledger";
import type { RevocationAccount } from "./history/revoked-sessions";
import type { Capacity } from "./measure-capacity";
import { nowMs } from "./measure/clock";
import type { MemoryPeak } from "./measure/memory-watch";
import { summarizeWindow, type WindowStatistics } from "./measure/window-statistics";
import type { Scene } from "./scene";

/** One step of the load, as a multiple of what was measured to be possible. */
export interface OverloadObservation {
  readonly name: string;
  readonly multiple: number;
  readonly offeredPerSecond: number;
  readonly reads: WindowStatistics;
  readonly submits: WindowStatistics;
  /** Both together. */
  readonly all: WindowStatistics;
  readonly memory: MemoryPeak | null;
  /** Queued and running at the end of the step. */
  readonly openAtEnd: number;
}

export interface OverloadRow extends OverloadObservation {
  readonly generations: GenerationAccount;
  readonly revoked: RevocationAccount;
}

export const overloadMultiples: readonly number[] = [0.5, 1, 2, 3];

export function nameStep(multiple: number): string {
  return `${multiple}x capacity`;
}

/** Offers so much for a while, and waits until what was accepted has gone through. */
export async function runOverloadStep(
  scene: Scene,
  capacity: Capacity,
  multiple: number,
): Promise<OverloadObservation> {
  const { traffic, log, memory, stored, revoked, quick } = scene;
  const name = nameStep(multiple);
  traffic.beginPhase(name);
  revoked.beginPhase(name);
  memory.take();
  const rates = {
    reads: capacity.readsPerSecond * multiple,
    submits: capacity.generationsPerSecond * multiple,
  };
  const span = { from: nowMs(), to: nowMs() + (quick ? 4_000 : 15_000) };
  log.forgetBefore(span.from);
  traffic.setRates(rates);
  await sleep(span.to - span.from);
  traffic.setRates({ reads: 0, submits: 0 });
  const openAtEnd = await stored.countOpen();
  await waitForQuiet(scene, quick ? 30_000 : 90_000);
  const samples = log.within(span);
  return {
    name,
    multiple,
    offeredPerSecond: rates.reads + rates.submits,
    reads: summarizeWindow(
      samples.filter(({ kind }) => kind !== "submit"),
      span,
    ),
    submits: summarizeWindow(
      samples.filter(({ kind }) => kind === "submit"),
      span,
    ),
    all: summarizeWindow(samples, span),
    memory: memory.take(),
    openAtEnd,
  };
}

/** Every request answered, and hardly a generation open. */
async function waitForQuiet({ traffic, stored }: Scene, patienceMs: number): Promise<void> {
  const deadline = nowMs() + patienceMs;
  while (nowMs() < deadline) {
    if (traffic.countWaiting() === 0 && (await stored.countOpen()) <= 2) return;
    await sleep(500);
  }
}
