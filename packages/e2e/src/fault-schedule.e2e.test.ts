import { randomInt, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { isFinalEvent } from "@vibe-friend/contracts/generation-event";
import type { Stack } from "@vibe-friend/local-stack/stack";
import fc from "fast-check";
import { Redis } from "ioredis";
import { assembleFiles, findFaults } from "./history-checks";
import { readFiles, registerPerson } from "./person";
import { connectSubscriber } from "./raw-subscriber";
import { useStack } from "./running-stack";
import { waitFor } from "./wait-for";

const prompt = "a library with books (title, pages int) that belong to authors (name, email)";
const generationsEach = 8;
const stepMs = 2_500;

/** What can be done to a running product, each whole in itself: the part is back when it is done. */
const faults: Record<string, (stack: Stack, pick: number) => Promise<void>> = {
  "a worker is killed": (stack, pick) => killAndRestart(stack, `generation-worker-${(pick % 3) + 1}`),
  "a worker is told to stop": (stack, pick) =>
    killAndRestart(stack, `generation-worker-${(pick % 3) + 1}`, "SIGTERM"),
  "Redis is killed": (stack) => killAndRestart(stack, "redis"),
  "Redis is frozen for 3 s": async (stack) => {
    stack.freeze("redis");
    await sleep(3_000);
    stack.resume("redis");
  },
  "Redis forgets everything": async (stack) => {
    if (stack.redis === undefined) throw new Error("There is no Redis");
    const client = new Redis(stack.redis.url, { lazyConnect: true });
    await client.connect();
    await client.flushall();
    client.disconnect();
  },
  "a notification node is killed": (stack, pick) => killAndRestart(stack, `notification-${(pick % 2) + 1}`),
  "a gateway is killed": (stack, pick) => killAndRestart(stack, `api-gateway-${(pick % 2) + 1}`),
  "auth and cache are killed": async (stack) => {
    await Promise.all([killAndRestart(stack, "auth"), killAndRestart(stack, "cache")]);
  },
  "Postgres crashes": (stack) => killAndRestart(stack, "postgres"),
};

const seed = Number(process.env["FAULT_SEED"] ?? randomInt(2 ** 31 - 1));
const steps = process.env["VIBE_TEST_FULL"] === undefined ? 6 : 24;
const schedule =
  fc.sample(
    fc.array(fc.record({ name: fc.constantFrom(...Object.keys(faults)), pick: fc.nat(100) }), {
      minLength: steps,
      maxLength: steps,
    }),
    { seed, numRuns: 1 },
  )[0] ?? [];

describe(`A random schedule of faults (FAULT_SEED=${seed})`, () => {
  const running = useStack({
    workers: 3,
    notifiers: 2,
    gateways: 2,
    restarts: false,
    env: { BUILT_IN_ENGINE_RATE: "5000", GENERATION_CONCURRENCY: "2" },
  });

  it(`loses, doubles and hides nothing: ${schedule.map(({ name }) => name).join(", ")}`, async () => {
    const { stack } = running;
    const people = await Promise.all(
      stack.urls.map(async (url) => {
        const person = await registerPerson(url);
        return { person, subscriber: connectSubscriber(url, { cookie: person.jar.header() }) };
      }),
    );
    try {
      const faulting = injectAll(stack);
      const submitted = await Promise.all(
        people.map(async ({ person, subscriber }) => {
          const ids: string[] = [];
          for (let index = 0; index < generationsEach; index += 1) {
            const { id } = await waitFor(
              "an acknowledgement",
              // The same key however often it takes, as the SDK's users are told to.
              submitWith(person.client, randomUUID()),
              { timeoutMs: 60_000, everyMs: 500 },
            );
            ids.push(id);
            await waitFor(
              "a subscription",
              async () => ((await subscriber.subscribe(id)).ok ? true : undefined),
              { timeoutMs: 60_000 },
            );
            await sleep(stepMs / 2);
          }
          return ids;
        }),
      );
      await faulting;
      for (const [index, { person, subscriber }] of people.entries()) {
        for (const id of submitted[index] ?? []) {
          await waitFor(`the end of ${id}`, () => subscriber.eventsOf(id).find((e) => isFinalEvent(e)), {
            timeoutMs: 120_000,
          });
          const events = subscriber.eventsOf(id);
          expect(findFaults(events, id)).toEqual([]);
          const stored = await readFiles(person.client, id);
          const { status } = await person.client.generations.get(id);
          expect([id, status]).toEqual([id, "completed"]);
          const seen = assembleFiles(events);
          for (const [path, content] of stored) expect([path, seen.get(path)]).toEqual([path, content]);
        }
        const { items } = await person.client.generations.list({ limit: 100 });
        expect(items.map((item) => item.id).sort()).toEqual([...(submitted[index] ?? [])].sort());
        expect(await person.client.auth.session()).toBeDefined();
      }
    } finally {
      for (const { subscriber } of people) subscriber.close();
    }
  }, 600_000);
});

function submitWith(client: Awaited<ReturnType<typeof registerPerson>>["client"], idempotencyKey: string) {
  return () => client.generations.submit({ prompt }, { idempotencyKey });
}

async function injectAll(stack: Stack): Promise<void> {
  for (const { name, pick } of schedule) {
    await sleep(stepMs);
    await faults[name]?.(stack, pick);
  }
}

async function killAndRestart(stack: Stack, part: string, signal?: NodeJS.Signals): Promise<void> {
  await stack.kill(part, signal);
  await sleep(500);
  await stack.restartPart(part);
}
