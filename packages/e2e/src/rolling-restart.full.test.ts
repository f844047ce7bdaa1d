import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { findDifferences, findFaults } from "./history/event-checks";
import { password, registerPerson } from "./person";
import { connectSubscriber } from "./raw-subscriber";
import { connectWitness } from "./row-witness";
import { useStack } from "./running-stack";
import { waitFor } from "./wait-for";

// Two of each.
const running = useStack({
  ...{ workers: 2, notifiers: 2, gateways: 2, auths: 2, caches: 2, restarts: false },
  env: { BUILT_IN_ENGINE_RATE: "20000", GENERATION_MAX_OPEN: "1000" },
});

it("restarts every service one after the other: no request fails twice, no event is missed, no attempt counts", async () => {
  const { stack } = running;
  const witness = await connectWitness(stack.databaseUrl);
  const person = await registerPerson(stack.url);
  const subscriber = connectSubscriber(stack.urls[1] ?? "", { cookie: person.jar.header() });
  const submitted: string[] = [];
  const failures: string[] = [];
  const done = new AbortController();
  let asked = 0;

  async function send(url: string, path: string, body?: unknown): Promise<Response> {
    const response = await fetch(`${url}/api/v1${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: {
        // Signing in ends the session that the browser had.
        ...(path === "/auth/login"
          ? {}
          : { cookie: person.jar.header() ?? "", "x-csrf-token": person.csrfToken }),
        ...(body === undefined
          ? {}
          : { "content-type": "application/json", "idempotency-key": randomUUID() }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(20_000),
    });
    if (response.ok) return response;
    throw new Error(`${response.status} ${await response.text()}`);
  }

  /** Once, and once more through the other gateway. */
  async function ask(path: string, body?: unknown): Promise<Response | undefined> {
    asked += 1;
    const [first = "", second = ""] = asked % 2 === 0 ? stack.urls : [...stack.urls].reverse();
    try {
      return await send(first, path, body).catch(() => send(second, path, body));
    } catch (error) {
      failures.push(`${path}: ${String(error)}`);
      return undefined;
    }
  }

  async function keepAsking(act: () => Promise<unknown>, everyMs: number): Promise<void> {
    while (!done.signal.aborted) {
      await act();
      await sleep(everyMs);
    }
  }

  const load = Promise.all([
    keepAsking(() => ask("/auth/session"), 30),
    keepAsking(() => ask("/generations?limit=5"), 50),
    keepAsking(() => ask("/auth/login", { email: person.email, password }), 700),
    keepAsking(async () => {
      const response = await ask("/generations", { prompt: "a library with books (title)" });
      if (response?.status !== 202) return;
      const { generation } = (await response.json()) as { generation: { id: string } };
      submitted.push(generation.id);
      subscriber.watch(generation.id);
    }, 500),
  ]);
  const names = stack
    .parts()
    .flatMap(({ name, kind }) => (kind === "service" && name !== "console" ? [name] : []));
  expect(names).toHaveLength(10);
  for (const name of names) await stack.restartPart(name);
  done.abort();
  await load;
  expect(failures).toEqual([]);
  expect(submitted.length).toBeGreaterThan(10);
  await waitFor("every end", () => (submitted.every((id) => subscriber.hasEnded(id)) ? true : undefined), {
    timeoutMs: 60_000,
  });
  subscriber.close();
  for (const id of submitted) {
    const log = await witness.log(id);
    expect([...findFaults(log, id), ...findDifferences(subscriber.eventsOf(id), log)]).toEqual([]);
    expect(log.at(-1)?.type).toBe("completed");
  }
  const rows = await witness.query<{ attempt: number }>("select distinct attempt from generations");
  expect(rows).toEqual([{ attempt: 1 }]);
  await witness.close();
}, 240_000);
