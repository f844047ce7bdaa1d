import { setTimeout as sleep } from "node:timers/promises";
import type { Stack } from "@vibe-friend/local-stack/stack";
import type { Excuse } from "../history/claim-checks";
import { waitFor } from "../wait-for";
import type { SeededRandom } from "./seeded-random";

/** What a fault acts on, and where it says what it did. */
export interface FaultWorld {
  readonly stack: Stack;
  readonly excuses: Excuse[];
  /** Lengths of faults: "short" for seconds, "full" as long as the promises are made for. */
  readonly scale: "short" | "full";
}

/** Something that happens to a running product, whole in itself: all is in place again when it resolves. */
export interface Fault {
  readonly name: string;
  inject(world: FaultWorld, random: SeededRandom): Promise<void>;
}

/** Milliseconds a fault lasts. */
export function lasting({ scale }: FaultWorld, shortMs: number, fullMs: number): Promise<void> {
  return sleep(scale === "short" ? shortMs : fullMs);
}

/** Names of the processes of a service that run now. */
export function partsOf(stack: Stack, ...programs: readonly string[]): string[] {
  return stack
    .parts()
    .map(({ name }) => name)
    .filter((name) => programs.includes(name.replace(/-\d+$/, "")));
}

/** Whoever this process claims as; nothing for one that isn't a worker. */
export function holderOf(stack: Stack, name: string): string[] {
  const pid = stack.parts().find((part) => part.name === name)?.pid;
  return name.startsWith("generation-worker") && pid !== undefined ? [`-${pid}-`] : [];
}

/** Notes that these workers (undefined: all) may lose leases from now on until a while after `work` has ended. */
export async function excusing(
  { excuses }: Pick<FaultWorld, "excuses">,
  fault: Omit<Excuse, "from" | "to">,
  work: () => Promise<void>,
): Promise<void> {
  const from = Date.now();
  const place = excuses.push({ ...fault, from, to: Infinity }) - 1;
  try {
    await work();
  } finally {
    excuses[place] = { ...fault, from, to: Date.now() };
  }
}

/** A part that other faults keep from being ready is tried again. */
export async function bringBack(stack: Stack, name: string, env?: Record<string, string>): Promise<void> {
  await waitFor(
    `${name} to come back`,
    async () => {
      await stack.restartPart(name, env);
      return true;
    },
    { timeoutMs: 180_000, everyMs: 500 },
  );
}
