import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import type { DrillOptions } from "./drill-options";
import { addUp, type DrillResult } from "./drill-result";
import { allFaults, overloadName } from "./faults/all-faults";
import type { Fault } from "./faults/fault";
import { measureCapacity, type Capacity } from "./measure-capacity";
import { runFault, type FaultObservation } from "./run-fault";
import { overloadMultiples, runOverloadStep, type OverloadObservation } from "./run-overload";
import type { Scene } from "./scene";

export type DrillFindings = Pick<
  DrillResult,
  "capacity" | "faults" | "overload" | "warmUp" | "unasked" | "ownDelayP99Ms" | "totals"
>;

type Selection = Pick<DrillOptions, "quick" | "only">;

/** So long, at most, for what was acknowledged to end when the load is over. */
const settleMs = 90_000;
const warmUpMs = { full: 6_000, quick: 2_000 };

/** Measures what can be done, then lets everything happen at half of that, one after the other. */
export async function runDrillOn(scene: Scene, selection: Selection): Promise<DrillFindings> {
  const { traffic, ledger, revoked, quick } = scene;
  const chosen = chooseFaults(selection);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  scene.onProgress("measuring the capacity…");
  const capacity = await measureCapacity(scene);
  scene.rates = { reads: capacity.readsPerSecond / 2, submits: capacity.generationsPerSecond / 2 };
  traffic.beginPhase("warm-up");
  scene.onProgress("warming up…");
  await waitUntilFew(scene, 30_000);
  traffic.setRates(scene.rates);
  await sleep(warmUpMs[quick ? "quick" : "full"]);
  delay.enable();

  const observed: FaultObservation[] = [];
  for (const [index, { fault, lastsMs }] of chosen.entries()) {
    scene.onProgress(`${describeLeft(index, chosen.length, quick)}${fault.title}`);
    observed.push(await runFault(scene, fault, lastsMs));
    await ledger.settle();
  }
  const steps = await runOverload(scene, capacity, selection);
  delay.disable();
  traffic.stop();

  scene.onProgress("waiting for what was acknowledged to end…");
  await waitUntilSettled(scene);
  await ledger.settle(true);
  const accountsOf = ({ name }: { readonly name: string }) => ({
    generations: ledger.readAccount(name),
    revoked: revoked.readAccount(name),
  });
  const faults = observed.map((row) => ({ ...row, ...accountsOf(row) }));
  const overload = steps.map((row) => ({ ...row, ...accountsOf(row) }));
  const warmUp = ledger.readAccount("capacity", "warm-up");
  const unasked = await ledger.countUnasked(scene.userIds);
  const totals = addUp([...faults, ...overload, { generations: warmUp }], unasked);
  const ownDelayP99Ms = delay.percentile(99) / 1e6;
  return { capacity, faults, overload, warmUp, unasked, ownDelayP99Ms, totals };
}

function chooseFaults({ quick, only }: Selection): { fault: Fault; lastsMs: number }[] {
  if (only !== undefined) {
    return allFaults
      .filter(({ name }) => name === only)
      .map((fault) => ({ fault, lastsMs: (quick ? fault.quickLastsMs : undefined) ?? fault.lastsMs }));
  }
  return allFaults.flatMap((fault) => {
    const lastsMs = quick ? fault.quickLastsMs : fault.lastsMs;
    return lastsMs === undefined ? [] : [{ fault, lastsMs }];
  });
}

async function runOverload(
  scene: Scene,
  capacity: Capacity,
  { only }: Selection,
): Promise<OverloadObservation[]> {
  if (only !== undefined && only !== overloadName) return [];
  scene.traffic.setRates({ reads: 0, submits: 0 });
  await waitUntilFew(scene, 30_000);
  const steps: OverloadObservation[] = [];
  for (const multiple of overloadMultiples) {
    scene.onProgress(`offering ${multiple} times the capacity`);
    steps.push(await runOverloadStep(scene, capacity, multiple));
    await scene.ledger.settle();
  }
  return steps;
}

async function waitUntilFew({ stored }: Scene, patienceMs: number): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (Date.now() < deadline && (await stored.countOpen()) > 4) await sleep(300);
}

/** Nothing is open any more, and the last events have had time to arrive. */
async function waitUntilSettled({ ledger }: Scene): Promise<void> {
  const deadline = Date.now() + settleMs;
  while (Date.now() < deadline && (await ledger.findOpen()).length > 0) await sleep(500);
  await sleep(5_000);
}

/** About; what a fault takes depends on how soon all is well again. */
function describeLeft(index: number, count: number, quick: boolean): string {
  const minutes = ((count - index) * (quick ? 8 : 34)) / 60 + (quick ? 0.5 : 2.5);
  return `${index + 1} of ${count}, about ${Math.max(1, Math.round(minutes))} min left: `;
}
