import { setTimeout as sleep } from "node:timers/promises";
import { connectSubscriber } from "../raw-subscriber";
import type { Crowd } from "./crowd";
import { lasting, type Fault } from "./fault";

/** What clients do that they should not. */
export function createClientFaults(crowd: Crowd): readonly Fault[] {
  return [
    {
      name: "one submission is sent thirty times at once",
      inject: (_, random) => crowd.submitManyTimes(random.pick(crowd.people), 30),
    },
    {
      name: "generations are cancelled",
      async inject(_, random) {
        for (let time = 0; time < 3; time += 1) {
          const generation = await crowd.submit(random.pick(crowd.people), random);
          await sleep(random.between(0, 1_000));
          await crowd.cancel(generation);
        }
      },
    },
    {
      name: "thirty tabs are refreshed again and again",
      async inject({ stack }, random) {
        const { person } = random.pick(crowd.people);
        const ids = crowd.acknowledged.filter((each) => each.person.person === person).map(({ id }) => id);
        for (let time = 0; time < 3; time += 1) {
          const tabs = Array.from({ length: 30 }, (_, index) => {
            const tab = connectSubscriber(stack.urls[index % stack.urls.length] ?? stack.url, {
              cookie: person.jar.header(),
            });
            for (const id of ids.slice(-3)) tab.watch(id);
            return tab;
          });
          await sleep(random.between(200, 800));
          for (const tab of tabs) tab.close();
        }
      },
    },
    {
      name: "a socket sends a megabyte",
      async inject({ stack }, random) {
        const { person } = random.pick(crowd.people);
        const tab = connectSubscriber(stack.url, { cookie: person.jar.header() });
        await tab.subscribe("x".repeat(1024 * 1024)).catch(() => undefined);
        tab.close();
      },
    },
    {
      name: "readers stop reading",
      async inject(world, random) {
        const { person } = random.pick(crowd.people);
        const [latest] = crowd.acknowledged.slice(-1);
        const id = latest?.person.person === person ? latest.id : "none";
        const stop = new AbortController();
        await Promise.allSettled(
          Array.from({ length: 10 }, () =>
            fetch(`${world.stack.url}/api/v1/generations/${id}/events`, {
              headers: { cookie: person.jar.header() ?? "" },
              signal: stop.signal,
            }),
          ),
        );
        await lasting(world, 1_000, 5_000);
        stop.abort();
      },
    },
  ];
}
