import { isFinalEvent } from "@vibe-friend/contracts/generation-event";
import { unzipSync, strFromU8 } from "fflate";
import { assembleFiles, findFaults } from "./history/event-checks";
import { clientOf, readFiles, registerPerson, waitUntilEnded, type Person } from "./person";
import { connectSubscriber, type RawSubscriber } from "./raw-subscriber";
import { useStack } from "./running-stack";
import { waitFor } from "./wait-for";

const people = 5;
const generationsEach = 10;

describe("Three workers, two notification nodes, two gateways", () => {
  const running = useStack({ workers: 3, notifiers: 2, gateways: 2, env: { BUILT_IN_ENGINE_RATE: "40000" } });

  it("complete 50 generations of 5 people once each, every socket seeing its own events only, gapless", async () => {
    const urls = running.stack.urls;
    expect(urls).toHaveLength(2);
    const crowd = await Promise.all(
      Array.from({ length: people }, (_, index) => registerPerson(urls[index % 2] ?? "")),
    );
    const subscribers = crowd.map((person, index) => {
      // The other gateway than the one the person signed in at.
      return connectSubscriber(urls[(index + 1) % 2] ?? "", { cookie: person.jar.header() });
    });
    try {
      const submitted = await Promise.all(
        crowd.map((person, index) => submitAll(person, subscribers[index], urls)),
      );
      for (const [index, person] of crowd.entries()) {
        const subscriber = subscribers[index];
        const ids = submitted[index] ?? [];
        expect(new Set(ids).size).toBe(generationsEach);
        for (const id of ids) {
          await waitFor(
            `the end of ${id}`,
            () => subscriber?.eventsOf(id).find((event) => isFinalEvent(event)),
            { timeoutMs: 90_000 },
          );
          const events = subscriber?.eventsOf(id) ?? [];
          expect(findFaults(events, id)).toEqual([]);
          expect(events.filter((event) => event.type === "started")).toHaveLength(1);
          const generation = await person.client.generations.get(id);
          expect(generation).toMatchObject({ status: "completed", attempt: 1, progress: 100 });
          expect(generation.lastSeq).toBe(events.at(-1)?.seq);
        }
        const own = new Set(ids);
        expect(subscriber?.received.filter((event) => !own.has(event.generationId))).toEqual([]);
        expect(await countGenerations(person)).toBe(generationsEach);
      }
      const [person] = crowd;
      const id = submitted[0]?.[0];
      if (person === undefined || id === undefined) throw new Error("nobody submitted anything");
      const stored = await readFiles(person.client, id);
      expect(assembleFiles(subscribers[0]?.eventsOf(id) ?? [])).toEqual(stored);
      expect(await downloadArchive(person, id)).toEqual(stored);
    } finally {
      for (const subscriber of subscribers) subscriber.close();
    }
  }, 180_000);

  it("answer a second submit with the same Idempotency-Key with the first one's generation", async () => {
    const person = await registerPerson(running.stack.url);
    const body = { prompt: "a library with books (title)" };
    const other = clientOf(person, running.stack.urls[1] ?? "");
    await other.auth.session();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? person.client : other).generations.submit(body, { idempotencyKey: "once" }),
      ),
    );
    expect(new Set(answers.map((generation) => generation.id)).size).toBe(1);
    await expect(
      person.client.generations.submit({ prompt: "another" }, { idempotencyKey: "once" }),
    ).rejects.toMatchObject({ problem: { status: 409, code: "idempotency_conflict" } });
    await waitUntilEnded(person.client, answers[0]?.id ?? "");
  });

  it("cancel a running generation for good", async () => {
    const person = await registerPerson(running.stack.url);
    const fields = Array.from({ length: 30 }, (_, index) => `field${index} text`).join(", ");
    const { id } = await person.client.generations.submit({ prompt: `a shop with products (${fields})` });
    const subscriber = connectSubscriber(running.stack.url, { cookie: person.jar.header() });
    try {
      await subscriber.subscribe(id);
      await waitFor("a first file", () => subscriber.eventsOf(id).find(({ type }) => type === "file:delta"));
      const cancelled = await person.client.generations.cancel(id);
      expect(cancelled.status).toBe("cancelled");
      await waitFor("its event", () => subscriber.eventsOf(id).find(({ type }) => type === "cancelled"));
      const { lastSeq } = await person.client.generations.get(id);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      expect(findFaults(subscriber.eventsOf(id), id)).toEqual([]);
      expect(await person.client.generations.get(id)).toMatchObject({ status: "cancelled", lastSeq });
    } finally {
      subscriber.close();
    }
  });

  it("stream the same history over Server-Sent Events, and resume after Last-Event-ID", async () => {
    const person = await registerPerson(running.stack.url);
    const { id } = await person.client.generations.submit({ prompt: "a library with books (title)" });
    const live = await readSse(person, id);
    expect(live.length).toBeGreaterThan(10);
    expect(live.map((event) => event.id)).toEqual(live.map((_, index) => index + 1));
    expect(live.at(-1)?.data).toMatchObject({ type: "completed", seq: live.length });
    const rest = await readSse(person, id, 5);
    expect(rest).toEqual(live.slice(5));
  });

  it("wait for the result when asked to", async () => {
    const person = await registerPerson(running.stack.url);
    const generation = await person.client.generations.submit({
      prompt: "a library with books (title)",
      mode: "sync",
    });
    expect(generation).toMatchObject({ status: "completed", progress: 100 });
    expect(generation.filesCount).toBeGreaterThan(5);
  });

  async function readSse(person: Person, id: string, lastEventId?: number) {
    const response = await fetch(`${running.stack.url}/api/v1/generations/${id}/events`, {
      headers: {
        cookie: person.jar.header() ?? "",
        ...(lastEventId === undefined ? {} : { "last-event-id": String(lastEventId) }),
      },
    });
    expect(response.headers.get("content-type")).toMatch(/^text\/event-stream/);
    const blocks = (await response.text()).split("\n\n").filter((block) => /^id:/m.test(block));
    return blocks.map((block) => ({
      id: Number(/^id: ?(\d+)$/m.exec(block)?.[1]),
      data: JSON.parse(/^data: ?(.*)$/m.exec(block)?.[1] ?? "null") as Record<string, unknown>,
    }));
  }
});

async function submitAll(person: Person, subscriber: RawSubscriber | undefined, urls: readonly string[]) {
  const ids: string[] = [];
  for (let index = 0; index < generationsEach; index += 1) {
    const client = clientOf(person, urls[index % urls.length] ?? "");
    await client.auth.session();
    const { id } = await client.generations.submit({
      prompt: `a library with books (title, pages int) and authors (name, email), number ${index}`,
    });
    expect(await subscriber?.subscribe(id)).toMatchObject({ ok: true });
    ids.push(id);
    client.close();
  }
  return ids;
}

async function countGenerations({ client }: Person): Promise<number> {
  const { items, nextCursor } = await client.generations.list({ limit: 100 });
  expect(nextCursor).toBeNull();
  return items.length;
}

async function downloadArchive(person: Person, id: string): Promise<Map<string, string>> {
  const response = await fetch(person.client.generations.archiveUrl(id), {
    headers: { cookie: person.jar.header() ?? "" },
  });
  expect(response.headers.get("content-type")).toBe("application/zip");
  const entries = Object.entries(unzipSync(new Uint8Array(await response.arrayBuffer())));
  // Everything lies in one folder named after the prompt.
  return new Map(entries.map(([path, bytes]) => [path.replace(/^[^/]+\//, ""), strFromU8(bytes)]));
}
