import { setTimeout as sleep } from "node:timers/promises";
import type { Stack } from "@vibe-friend/local-stack/stack";
import type { Excuse } from "../history/claim-checks";
import { connectWitness } from "../row-witness";
import { checkEverything, type Findings } from "./check-everything";
import { createClientFaults } from "./client-faults";
import { gatherCrowd, type Crowd } from "./crowd";
import type { FaultWorld } from "./fault";
import { postgresFaults } from "./postgres-faults";
import { processFaults } from "./process-faults";
import { redisFaults } from "./redis-faults";
import { describeSchedule, startSchedule, type Lane, type RunningSchedule } from "./schedule";
import type { SeededRandom } from "./seeded-random";
import { watchSessions } from "./session-watch";

export interface FaultRun {
  readonly random: SeededRandom;
  readonly scale: FaultWorld["scale"];
  readonly people: number;
  readonly generations: number;
  /** Faults of each lane (undefined: all, round after round). */
  readonly steps?: Readonly<Record<"redis" | "postgres" | "process" | "client", number>>;
  /** Share of generations written by the language model; 0 where there is none. */
  readonly llmShare: number;
  /** Told now and then how far it is. */
  readonly onProgress?: (line: string) => void;
}

export interface FaultRunReport {
  readonly findings: Findings;
  readonly acknowledged: number;
  readonly schedule: string;
  /** Milliseconds from the last fault's end until everybody had seen every end. */
  readonly settledAfterMs: number;
}

// A run that lost its worker twice and waits for its turn behind all others, on a busy machine.
const settleMs = 180_000;

/** People work while everything breaks; then everything is whole again, all must end, and all is checked. */
export async function runUnderFaults(stack: Stack, run: FaultRun): Promise<FaultRunReport> {
  const { random, scale } = run;
  const excuses: Excuse[] = [];
  const witness = await connectWitness(stack.databaseUrl);
  const crowd = await gatherCrowd({
    ...{ urls: () => stack.urls.slice(0, 2), size: run.people },
    ...{ llmShare: run.llmShare, sseShare: 0.1 },
  });
  const sessions = await watchSessions(stack);
  const schedule = startSchedule({ stack, excuses, scale }, createLanes(stack, { crowd, run }), random);
  try {
    const reporting = setInterval(() => run.onProgress?.(describe(crowd, schedule)), 20_000);
    try {
      await Promise.all([submitAll(crowd, { run, schedule }), schedule.firstRound]);
      await schedule.stop();
      await sessions.stop();
      const wholeAt = Date.now();
      while (!crowd.hasSeenEverything() && Date.now() - wholeAt < settleMs) await sleep(200);
      const settledAfterMs = Date.now() - wholeAt;
      await sleep(1_000);
      const findings = await checkEverything({ crowd, witness, sessions, excuses });
      const acknowledged = crowd.acknowledged.length;
      return { findings, acknowledged, schedule: describeSchedule(schedule), settledAfterMs };
    } finally {
      clearInterval(reporting);
    }
  } finally {
    await schedule.stop().catch(() => undefined);
    await sessions.stop();
    crowd.close();
    await witness.close();
  }
}

function createLanes(stack: Stack, { crowd, run }: { crowd: Crowd; run: FaultRun }): Lane[] {
  const lanes = {
    redis: stack.redis === undefined ? [] : redisFaults,
    postgres: postgresFaults,
    process: processFaults,
    client: createClientFaults(crowd),
  };
  return Object.entries(lanes)
    .filter(([, faults]) => faults.length > 0)
    .map(([name, faults]) => {
      const steps = run.steps?.[name as keyof typeof lanes];
      return { name, faults, ...(steps === undefined ? {} : { steps }) };
    });
}

/** Everybody keeps a few open, and the last ones are kept until every fault has had its turn. */
async function submitAll(
  crowd: Crowd,
  { run, schedule }: { run: FaultRun; schedule: RunningSchedule },
): Promise<void> {
  let left = run.generations;
  let isThrough = false;
  void schedule.firstRound.catch(() => undefined).then(() => (isThrough = true));
  await Promise.all(
    crowd.people.map(async (who, index) => {
      const random = run.random.fork(`person ${index}`);
      while (left > 0) {
        left -= 1;
        const { id } = await crowd.submit(who, random);
        const reserve = isThrough ? 0 : run.people;
        while (left > 0 && left <= reserve && !isThrough) await sleep(200);
        await sleep(random.between(0, 300));
        while (openOf(crowd, who.person.userId) >= 6 && !who.subscriber.hasEnded(id)) await sleep(100);
      }
    }),
  );
}

function openOf(crowd: Crowd, userId: string): number {
  return crowd.acknowledged.filter(
    ({ id, person }) => person.person.userId === userId && !person.subscriber.hasEnded(id),
  ).length;
}

function describe(crowd: Crowd, schedule: RunningSchedule): string {
  const ended = crowd.acknowledged.filter(({ id, person }) => person.subscriber.hasEnded(id)).length;
  const now = schedule.injected.filter(({ to }) => to === undefined).map(({ name }) => name);
  return `${crowd.acknowledged.length} acknowledged, ${ended} seen to end, ${schedule.injected.length} faults; now: ${now.join(", ")}`;
}
