import { setTimeout as sleep } from "node:timers/promises";
import { isFlat, MemoryLog } from "./memory-trend";
import { registerPerson, waitUntilEnded, type Person } from "./person";
import { connectSubscriber } from "./raw-subscriber";
import { useStack } from "./running-stack";

/** The promise is about 20 minutes: VIBE_SOAK_MINUTES=20. */
const minutes = Number(process.env["VIBE_SOAK_MINUTES"] ?? "4");
const prompt = "a library with books (title, pages int) that belong to authors (name, email)";
const peopleCount = 4;
const capacityMs = 30_000;

describe(`Half of what it can take, for ${minutes} minutes`, () => {
  const running = useStack({
    ...{ workers: 2, notifiers: 2, gateways: 2, restarts: false },
    env: { BUILT_IN_ENGINE_RATE: "40000", GENERATION_MAX_OPEN: "1000" },
  });

  it(
    "leaves the memory of every process as it is, and everything acknowledged completed",
    async () => {
      const { stack } = running;
      const people = await Promise.all(
        Array.from({ length: peopleCount }, (_, index) =>
          registerPerson(stack.urls[index % stack.urls.length] ?? stack.url),
        ),
      );
      const perMinute = await measureCapacity(people);
      expect(perMinute).toBeGreaterThan(0);
      const memory = new MemoryLog();
      const ids: Promise<[Person, string]>[] = [];
      const subscribers = people.map((person) =>
        connectSubscriber(stack.url, { cookie: person.jar.header() }),
      );
      const endsAt = Date.now() + minutes * 60_000;
      for (let turn = 0; Date.now() < endsAt; turn += 1) {
        const at = turn % peopleCount;
        const [person, subscriber] = [people[at], subscribers[at]];
        if (person === undefined || subscriber === undefined) throw new Error("there is nobody");
        ids.push(
          person.client.generations.submit({ prompt }).then(({ id }) => {
            subscriber.watch(id);
            return [person, id];
          }),
        );
        await sleep((2 * 60_000) / perMinute);
        await memory.look(stack.parts());
        // What a test keeps is not what a process keeps.
        subscriber.received.length = 0;
      }
      for (const subscriber of subscribers) subscriber.close();
      for (const [person, id] of await Promise.all(ids)) {
        expect(await waitUntilEnded(person.client, id)).toMatchObject({ status: "completed", attempt: 1 });
      }
      const trends = memory.trends();
      process.stderr.write(
        `  ${ids.length} generations, ${perMinute}/min at most; ${JSON.stringify(trends)}\n`,
      );
      expect(trends.length).toBeGreaterThan(8);
      expect(trends.filter((trend) => !isFlat(trend))).toEqual([]);
    },
    (minutes + 5) * 60_000,
  );
});

/** Generations a minute with everybody waiting for one before the next is asked for, three at a time. */
async function measureCapacity(people: readonly Person[]): Promise<number> {
  let ended = 0;
  const endsAt = Date.now() + capacityMs;
  const work = async ({ client }: Person) => {
    while (Date.now() < endsAt) {
      const { id } = await client.generations.submit({ prompt });
      await waitUntilEnded(client, id);
      ended += 1;
    }
  };
  await Promise.all(people.flatMap((person) => [work(person), work(person), work(person)]));
  return Math.round((ended * 60_000) / capacityMs);
}
