import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "./faults/fault";
import type { GenerationAccount } from "./history/generation-ledger";
import type { RevocationAccount } from "./history/revoked-sessions";
import { nowMs } from "./measure/clock";
import type { Span } from "./measure/samples";
import { findCalmMs, summarizeWindow, type WindowStatistics } from "./measure/window-statistics";
import type { Scene } from "./scene";

/** What was seen of one fault; the accounts follow when everything has ended. */
export interface FaultObservation {
  readonly name: string;
  readonly title: string;
  /** From the fault to its being made good, restarts included. */
  readonly lastedMs: number;
  readonly before: WindowStatistics;
  readonly during: WindowStatistics;
  readonly after: WindowStatistics;
  /** To the first `system:status`, or `/admin/redis`, that isn't normal; null when none was. */
  readonly detectionMs: number | null;
  /** From healing until every browser and `/admin/redis` say normal; null when they didn't. */
  readonly normalMs: number | null;
  /** From healing until 99 of 100 requests are answered well, within twice the p99 from before; null when they weren't. */
  readonly calmMs: number | null;
  /** Of a worker that went away: until the last of its generations was begun again. */
  readonly nextAttemptMs: number | null;
  readonly handedOver: number;
}

export interface FaultRow extends FaultObservation {
  readonly generations: GenerationAccount;
  readonly revoked: RevocationAccount;
}

/** Below this a p99 is noise, and twice of it too; milliseconds. */
const calmFloorMs = 50;
const busyMs = 5_000;
const times = {
  full: { beforeMs: 8_000, afterMs: 10_000, patienceMs: 40_000, sessions: 6 },
  quick: { beforeMs: 1_500, afterMs: 2_500, patienceMs: 20_000, sessions: 2 },
};

/** Lets one fault happen under the load that is there. The load goes on throughout. */
export async function runFault(scene: Scene, fault: Fault, lastsMs: number): Promise<FaultObservation> {
  const { stack, traffic, revoked, log, status } = scene;
  const { beforeMs, afterMs, patienceMs, sessions } = times[scene.quick ? "quick" : "full"];
  await waitUntil(() => status.isNormal(), patienceMs);
  traffic.beginPhase(fault.name);
  revoked.beginPhase(fault.name);
  await revoked.prepare(sessions);
  await fault.prepare?.(stack);
  const before = { from: nowMs(), to: nowMs() + beforeMs };
  await sleep(beforeMs);
  if (fault.signsOutBefore === true) {
    revoked.signOutAll(fault.name);
    await sleep(500);
  }
  log.forgetBefore(before.from);
  scene.started.clear();
  const running = fault.worker === undefined ? [] : await findRunning(scene, fault.worker);

  const injectedAt = nowMs();
  const injecting = fault.inject(stack);
  await Promise.race([injecting, sleep(200)]);
  revoked.signOutAll(fault.name);
  await injecting;
  await sleep(Math.max(0, lastsMs - (nowMs() - injectedAt)));
  await fault.heal(stack);
  const healedAt = nowMs();
  await sleep(afterMs);
  const findCalm = (): number | null => {
    const until = nowMs();
    const { p99Ms } = summarizeWindow(log.within(before), before);
    const thresholdMs = 2 * Math.max(calmFloorMs, p99Ms ?? 0);
    return findCalmMs(log.within({ from: healedAt, to: until }), { healedAt, until, thresholdMs });
  };
  await waitUntil(() => status.isNormal() && findCalm() !== null, patienceMs);
  const endedAt = nowMs();

  const statisticsOf = (span: Span): WindowStatistics => summarizeWindow(log.within(span), span);
  const { nextAttemptMs, handedOver } = describeHandOver(scene.started, running, injectedAt);
  return {
    name: fault.name,
    title: fault.title,
    lastedMs: healedAt - injectedAt,
    before: statisticsOf(before),
    during: statisticsOf({ from: injectedAt, to: Math.max(healedAt, injectedAt + 1_000) }),
    after: statisticsOf({ from: healedAt, to: endedAt }),
    detectionMs: status.findDetectionMs(injectedAt, endedAt),
    normalMs: status.findNormalMs(healedAt),
    calmMs: findCalm(),
    nextAttemptMs,
    handedOver,
  };
}

/** What this worker runs; waits a little for it to run something. */
async function findRunning({ stack, stored }: Scene, worker: string): Promise<string[]> {
  const part = (await stack.parts()).find(({ name }) => name === worker);
  const deadline = nowMs() + busyMs;
  for (;;) {
    const running = [...(await stored.listRunning())];
    const own = running.filter(([, claimedBy]) => claimedBy.includes(`-${part?.pid}-`)).map(([id]) => id);
    if (own.length > 0 || nowMs() > deadline) return own;
    await sleep(50);
  }
}

function describeHandOver(
  started: ReadonlyMap<string, readonly number[]>,
  running: readonly string[],
  injectedAt: number,
): Pick<FaultObservation, "nextAttemptMs" | "handedOver"> {
  const next = running.flatMap(
    (id) =>
      started
        .get(id)
        ?.filter((at) => at >= injectedAt)
        .slice(0, 1) ?? [],
  );
  return {
    nextAttemptMs: next.length === 0 ? null : Math.max(...next) - injectedAt,
    handedOver: next.length,
  };
}

async function waitUntil(isTrue: () => boolean, patienceMs: number): Promise<void> {
  const deadline = nowMs() + patienceMs;
  while (!isTrue() && nowMs() < deadline) await sleep(100);
}
