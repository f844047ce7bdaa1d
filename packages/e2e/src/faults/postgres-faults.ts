import { setTimeout as sleep } from "node:timers/promises";
import { bringBack, excusing, holderOf, lasting, partsOf, type Fault } from "./fault";

const users = ["api-gateway", "auth", "cache", "generation-worker", "notification"];

const faults: readonly Fault[] = [
  stopped("Postgres crashes", "SIGKILL"),
  stopped("Postgres is restarted", "SIGINT"),
  {
    name: "Postgres is frozen",
    async inject(world) {
      world.stack.freeze("postgres");
      await lasting(world, 2_000, 3_000);
      world.stack.resume("postgres");
    },
  },
  {
    name: "Postgres answers 150 ms late",
    async inject(world) {
      world.stack.proxies.postgres.slow(150);
      await lasting(world, 2_500, 6_000);
      world.stack.proxies.postgres.heal();
    },
  },
  {
    name: "connections to Postgres are reset",
    async inject({ stack }) {
      for (let time = 0; time < 3; time += 1) {
        stack.proxies.postgres.reset();
        await sleep(400);
      }
    },
  },
  {
    name: "connections to Postgres are half closed",
    async inject(world) {
      world.stack.proxies.postgres.halfClose();
      await lasting(world, 500, 1_000);
      world.stack.proxies.postgres.reset();
    },
  },
  {
    name: "one service is cut off from Postgres",
    async inject(world, random) {
      const { stack } = world;
      const name = random.pick(partsOf(stack, ...users).sort());
      const proxy = stack.proxies.postgres.of(name);
      await excusing(world, { name: this.name, holders: holderOf(stack, name) }, async () => {
        if (random.next() < 0.5) proxy.refuse();
        else proxy.blackHole();
        await lasting(world, 2_500, 9_000);
        proxy.heal();
      });
    },
  },
];

/**
 * Everything that happens to a Postgres. Only a worker that is cut off alone may lose a lease by it, and one whose
 * claim was answered over a connection that broke, so that it never heard of it.
 */
export const postgresFaults: readonly Fault[] = faults.map((fault) => ({
  name: fault.name,
  inject: (world, random) =>
    excusing(world, { name: fault.name, onlyUnwritten: true }, () => fault.inject(world, random)),
}));

function stopped(name: string, signal: NodeJS.Signals): Fault {
  return {
    name,
    async inject(world) {
      await world.stack.kill("postgres", signal);
      await lasting(world, 300, 2_000);
      await bringBack(world.stack, "postgres");
    },
  };
}
