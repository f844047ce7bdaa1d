import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { bringBack, excusing, holderOf, lasting, partsOf, type Fault, type FaultWorld } from "./fault";

const programs = ["generation-worker", "notification", "api-gateway", "auth", "cache"];
/** Makes a process believe that it is five minutes later. */
const lateClock = join(__dirname, "late-clock.cjs");

/** Everything that happens to a process of ours. */
export const processFaults: readonly Fault[] = [
  ...programs.flatMap((program) => [
    ended(program, "SIGKILL", `a process of ${program} is killed`),
    ended(program, "SIGTERM", `a process of ${program} is told to stop`),
    frozen(program, `a process of ${program} is frozen`),
  ]),
  {
    name: "a clock is five minutes off",
    async inject(world, random) {
      const { stack } = world;
      const name = random.pick(partsOf(stack, ...programs).sort());
      await excusing(world, { name: this.name, holders: holderOf(stack, name) }, () =>
        bringBack(stack, name, { NODE_OPTIONS: `--require ${lateClock}` }),
      );
      await lasting(world, 2_000, 15_000);
      await excusing(world, { name: this.name, holders: holderOf(stack, name) }, () =>
        bringBack(stack, name),
      );
    },
  },
  {
    name: "a worker, a node and a gateway come and go",
    async inject(world) {
      const { stack } = world;
      const count = (program: string): number => partsOf(stack, program).length;
      const [workers, nodes] = [count("generation-worker"), count("notification")];
      await stack.scale("generation-worker", workers + 1);
      await stack.scale("notification", nodes + 1);
      await lasting(world, 1_000, 8_000);
      await stack.scale("generation-worker", workers);
      await stack.scale("notification", nodes);
    },
  },
];

function ended(program: string, signal: NodeJS.Signals, name: string): Fault {
  return {
    name,
    async inject(world, random) {
      const { stack } = world;
      const part = random.pick(partsOf(stack, program).sort());
      await excusing(world, { name, holders: holderOf(stack, part) }, async () => {
        await stack.kill(part, signal);
        await sleep(500);
      });
      await bringBack(stack, part);
    },
  };
}

/** A worker for longer than its lease, so that it wakes up to find its rows with somebody else. */
function frozen(program: string, name: string): Fault {
  return {
    name,
    async inject(world, random) {
      const { stack } = world;
      const part = random.pick(partsOf(stack, program).sort());
      await excusing(world, { name, holders: holderOf(stack, part) }, async () => {
        stack.freeze(part);
        await freezeTime(world, program);
        stack.resume(part);
      });
    },
  };
}

function freezeTime(world: FaultWorld, program: string): Promise<void> {
  return program === "generation-worker" ? lasting(world, 8_000, 9_000) : lasting(world, 2_000, 4_000);
}
