import { setTimeout as sleep } from "node:timers/promises";
import { isFinalEvent } from "@vibe-friend/contracts/generation-event";
import { Client } from "pg";
import { assembleFiles, attemptsOf, findFaults } from "./history/event-checks";
import { readFiles, registerPerson, waitUntilEnded, type Person } from "./person";
import { connectSubscriber, type RawSubscriber } from "./raw-subscriber";
import { useStack } from "./running-stack";
import { waitFor } from "./wait-for";

const prompt = "a library with books (title, isbn unique, pages int) that belong to authors (name, email)";

async function submitAndWatch(person: Person, url: string) {
  const subscriber = connectSubscriber(url, { cookie: person.jar.header() });
  const { id } = await person.client.generations.submit({ prompt });
  expect(await subscriber.subscribe(id)).toMatchObject({ ok: true });
  await waitFor("a file that grows", () =>
    subscriber.eventsOf(id).filter(({ type }) => type === "file:delta").length > 10 ? true : undefined,
  );
  return { id, subscriber };
}

async function waitForEnd(subscriber: RawSubscriber, id: string) {
  return waitFor("the final event", () => subscriber.eventsOf(id).find((event) => isFinalEvent(event)), {
    timeoutMs: 60_000,
  });
}

async function expectWhole(person: Person, subscriber: RawSubscriber, id: string) {
  await waitForEnd(subscriber, id);
  const events = subscriber.eventsOf(id);
  expect(findFaults(events, id)).toEqual([]);
  expect(events.at(-1)?.type).toBe("completed");
  const stored = await readFiles(person.client, id);
  expect(stored.size).toBeGreaterThan(5);
  const seen = assembleFiles(events);
  for (const [path, content] of stored) expect([path, seen.get(path)]).toEqual([path, content]);
}

describe("A generation in its middle", () => {
  // About six seconds a generation, so that there is a middle.
  const running = useStack({ workers: 2, restarts: false, env: { BUILT_IN_ENGINE_RATE: "6000" } });

  it("is completed by another worker when its worker is killed", async () => {
    const { stack } = running;
    const person = await registerPerson(stack.url);
    const { id, subscriber } = await submitAndWatch(person, stack.url);
    try {
      const worker = await workerOf(id);
      const killedAt = Date.now();
      await stack.kill(worker);
      await waitFor("the second attempt", () => attemptsOf(subscriber.eventsOf(id)).find((n) => n === 2), {
        timeoutMs: 30_000,
      });
      // The promise is 10 s; asserted at three times that.
      expect(Date.now() - killedAt).toBeLessThan(30_000);
      await expectWhole(person, subscriber, id);
      expect(attemptsOf(subscriber.eventsOf(id))).toEqual([1, 2]);
      await stack.restartPart(worker);
    } finally {
      subscriber.close();
    }
  }, 120_000);

  it("is handed over at once, without costing an attempt, when its worker is told to stop", async () => {
    const { stack } = running;
    const person = await registerPerson(stack.url);
    const { id, subscriber } = await submitAndWatch(person, stack.url);
    try {
      const worker = await workerOf(id);
      const exit = await stack.kill(worker, "SIGTERM");
      expect(exit).toMatchObject({ code: 0 });
      await expectWhole(person, subscriber, id);
      expect(attemptsOf(subscriber.eventsOf(id))).toEqual([1, 1]);
      expect(await person.client.generations.get(id)).toMatchObject({ attempt: 1 });
      await stack.restartPart(worker);
    } finally {
      subscriber.close();
    }
  }, 120_000);

  it("loses nothing when its worker is frozen past its lease and thaws again", async () => {
    const { stack } = running;
    const person = await registerPerson(stack.url);
    const { id, subscriber } = await submitAndWatch(person, stack.url);
    try {
      const worker = await workerOf(id);
      stack.freeze(worker);
      await waitFor("the second attempt", () => attemptsOf(subscriber.eventsOf(id)).find((n) => n === 2), {
        timeoutMs: 30_000,
      });
      stack.resume(worker);
      await expectWhole(person, subscriber, id);
      expect(attemptsOf(subscriber.eventsOf(id))).toEqual([1, 2]);
    } finally {
      subscriber.close();
    }
  }, 120_000);

  it("loses nothing when Redis is killed and comes back", async () => {
    const { stack } = running;
    const person = await registerPerson(stack.url);
    const { id, subscriber } = await submitAndWatch(person, stack.url);
    try {
      await stack.kill("redis");
      const { id: second } = await person.client.generations.submit({ prompt });
      await subscriber.subscribe(second);
      await waitFor("a banner", () => subscriber.statuses.find(({ mode }) => mode === "degraded"), {
        timeoutMs: 15_000,
      });
      const seqWithoutRedis = subscriber.eventsOf(id).length;
      await waitFor("events without Redis", () =>
        subscriber.eventsOf(id).length > seqWithoutRedis ? true : undefined,
      );
      await stack.restartPart("redis");
      await waitFor("normal mode", () => (subscriber.statuses.at(-1)?.mode === "normal" ? true : undefined), {
        timeoutMs: 15_000,
      });
      await expectWhole(person, subscriber, id);
      await expectWhole(person, subscriber, second);
      expect(attemptsOf(subscriber.eventsOf(id))).toEqual([1]);
      expect(await person.client.auth.session()).toBeDefined();
    } finally {
      subscriber.close();
    }
  }, 120_000);

  it("goes on while Redis is frozen, and nothing runs twice when it thaws", async () => {
    const { stack } = running;
    const person = await registerPerson(stack.url);
    const { id, subscriber } = await submitAndWatch(person, stack.url);
    try {
      stack.freeze("redis");
      const { id: second } = await person.client.generations.submit({ prompt });
      expect(await person.client.auth.session()).toBeDefined();
      await sleep(5_000);
      stack.resume("redis");
      await subscriber.subscribe(second);
      await expectWhole(person, subscriber, id);
      await expectWhole(person, subscriber, second);
      expect(attemptsOf(subscriber.eventsOf(id))).toEqual([1]);
      expect(attemptsOf(subscriber.eventsOf(second))).toEqual([1]);
    } finally {
      stack.resume("redis");
      subscriber.close();
    }
  }, 120_000);

  it("reaches its watchers through a restarted notification node and gateway", async () => {
    const { stack } = running;
    const person = await registerPerson(stack.url);
    const { id, subscriber } = await submitAndWatch(person, stack.url);
    try {
      await stack.kill("notification-1");
      await stack.restartPart("notification-1");
      await stack.kill("api-gateway-1");
      await stack.restartPart("api-gateway-1");
      await expectWhole(person, subscriber, id);
    } finally {
      subscriber.close();
    }
  }, 120_000);

  it("loses nothing when Postgres crashes and comes back", async () => {
    const { stack } = running;
    const person = await registerPerson(stack.url);
    const { id, subscriber } = await submitAndWatch(person, stack.url);
    try {
      await stack.kill("postgres");
      await stack.restartPart("postgres");
      await waitUntilEnded(person.client, id);
      await expectWhole(person, subscriber, id);
      expect(attemptsOf(subscriber.eventsOf(id))).toEqual([1]);
    } finally {
      subscriber.close();
    }
  }, 120_000);

  async function workerOf(id: string): Promise<string> {
    const claimedBy = await waitFor("its worker", () => readClaimant(running.stack.databaseUrl, id));
    const part = running.stack
      .parts()
      .find(({ name, pid }) => name.startsWith("generation-worker") && claimedBy.includes(`-${pid}-`));
    if (part === undefined) throw new Error(`No part of the stack is ${claimedBy}`);
    return part.name;
  }
});

describe("Without Redis from the start", () => {
  const running = useStack({
    workers: 2,
    notifiers: 2,
    redis: false,
    env: { BUILT_IN_ENGINE_RATE: "20000" },
  });

  it("the main job works from Postgres alone, its events live", async () => {
    const { stack } = running;
    const person = await registerPerson(stack.url);
    const { id, subscriber } = await submitAndWatch(person, stack.url);
    try {
      expect(await person.client.generations.get(id)).toMatchObject({ status: "running" });
      expect(subscriber.statuses.at(-1)).toMatchObject({ mode: "degraded" });
      const ids = [id];
      for (let index = 0; index < 5; index += 1) {
        const generation = await person.client.generations.submit({ prompt });
        await subscriber.subscribe(generation.id);
        ids.push(generation.id);
      }
      for (const each of ids) {
        await expectWhole(person, subscriber, each);
        expect(attemptsOf(subscriber.eventsOf(each))).toEqual([1]);
      }
      await person.client.auth.logout();
      expect(await person.client.auth.session()).toBeUndefined();
    } finally {
      subscriber.close();
    }
  }, 120_000);
});

async function readClaimant(databaseUrl: string, id: string): Promise<string | undefined> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ claimed_by: string | null }>(
      "select claimed_by from generations where id = $1",
      [id],
    );
    return rows[0]?.claimed_by ?? undefined;
  } finally {
    await client.end();
  }
}
