import { setTimeout as sleep } from "node:timers/promises";
import type { Fault, FaultWorld } from "./fault";
import type { SeededRandom } from "./seeded-random";

/** Faults that come one after the other; lanes run side by side. */
export interface Lane {
  readonly name: string;
  readonly faults: readonly Fault[];
  /** How many of them, in a random order without repetition; undefined: round after round until it is stopped. */
  readonly steps?: number;
}

interface Injected {
  readonly lane: string;
  readonly name: string;
  readonly from: number;
  to?: number;
}

/** What happened when, from 0 ms on. */
export interface RunningSchedule {
  readonly injected: readonly Injected[];
  /** Every lane has been through all it was to do at least once. */
  readonly firstRound: Promise<void>;
  /** Ends after the faults at hand. */
  stop(): Promise<void>;
}

/** Order, picks and pauses follow from `random` alone, lane by lane. */
export function startSchedule(
  world: FaultWorld,
  lanes: readonly Lane[],
  random: SeededRandom,
): RunningSchedule {
  const startedAt = Date.now();
  const injected: Injected[] = [];
  let isStopping = false;

  async function round({ name: lane, faults, steps }: Lane, drawn: SeededRandom): Promise<void> {
    for (const fault of drawn.shuffle(faults).slice(0, steps)) {
      await sleep(drawn.between(300, world.scale === "short" ? 1_200 : 4_000));
      if (isStopping) return;
      const entry: Injected = { lane, name: fault.name, from: Date.now() - startedAt };
      injected.push(entry);
      await fault.inject(world, drawn.fork(`${fault.name} ${injected.length}`));
      entry.to = Date.now() - startedAt;
    }
  }

  const running = lanes.map((lane) => {
    const drawn = random.fork(lane.name);
    const first = round(lane, drawn);
    const rest = first.then(async () => {
      while (!isStopping && lane.steps === undefined) await round(lane, drawn);
    });
    return { first, rest };
  });

  const stopped = Promise.all(running.map(({ rest }) => rest));
  // Told by stop(), or by the first round.
  stopped.catch(() => undefined);

  return {
    injected,
    firstRound: Promise.all(running.map(({ first }) => first)).then(() => undefined),
    async stop() {
      isStopping = true;
      await stopped;
    },
  };
}

/** For a test's last words. */
export function describeSchedule({ injected }: Pick<RunningSchedule, "injected">): string {
  return injected
    .map(({ lane, name, from, to }) => `${String(from).padStart(7)} ms ${lane}: ${name}, until ${String(to)}`)
    .join("\n");
}
