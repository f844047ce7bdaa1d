import { setImmediate as nextTurn } from "node:timers/promises";
import { summarizeLatencies } from "../report/statistics";
import type { LatencySummary } from "../report/statistics";

export interface ClosedLoopOptions {
  /** so many callers; each starts its next operation when its last one has ended */
  readonly concurrency: number;
  readonly durationMs: number;
  /** Each operation is timed. Costs time itself, so that rates are measured without. */
  readonly timed: boolean;
}

export interface ClosedLoopResult {
  readonly operations: number;
  readonly operationsPerSecond: number;
  /** of this process, user and system, per operation; microseconds */
  readonly cpuUs: number;
  /** only when timed */
  readonly latency?: LatencySummary;
}

/**
 * Operations that answer from memory would keep timers and sockets, the measured library's own included, from ever
 * getting their turn, as no service does: the whole loop pauses for one turn after this time. Milliseconds.
 */
const turnAfterMs = 2;
/** Operations of a caller from one look at the clock to the next. */
const lookEvery = 16;

/**
 * Runs an operation over and over. `operation` gets a number that rises over all callers; it may answer at once.
 *
 * @throws what an operation throws, after the others have come to their end
 */
export async function runClosedLoop(
  options: ClosedLoopOptions,
  operation: (turn: number) => Promise<void> | void,
): Promise<ClosedLoopResult> {
  const { concurrency, durationMs, timed } = options;
  const samplesMs: number[] = [];
  let turn = 0;
  let isOver = false;
  let turnDueAt = performance.now() + turnAfterMs;
  let pause: Promise<void> | undefined;

  /** One for all callers, so that nobody goes on meanwhile. */
  function takeTurn(): Promise<void> {
    pause ??= nextTurn().then(() => {
      pause = undefined;
      turnDueAt = performance.now() + turnAfterMs;
    });
    return pause;
  }

  async function call(): Promise<void> {
    for (let own = 1; !isOver; own += 1) {
      const startedAt = timed ? performance.now() : 0;
      await operation(turn++);
      if (timed) samplesMs.push(performance.now() - startedAt);
      if (own % lookEvery === 0 && performance.now() > turnDueAt) await takeTurn();
    }
  }

  const timer = setTimeout(() => {
    isOver = true;
  }, durationMs);
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  const ends = await Promise.allSettled(Array.from({ length: concurrency }, call));
  clearTimeout(timer);
  const cpu = process.cpuUsage(cpuBefore);
  const seconds = (performance.now() - startedAt) / 1000;
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  const latency = summarizeLatencies(samplesMs);
  return {
    operations: turn,
    operationsPerSecond: turn / seconds,
    cpuUs: (cpu.user + cpu.system) / Math.max(1, turn),
    ...(latency === undefined ? {} : { latency }),
  };
}
