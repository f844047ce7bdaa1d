import { writeFiles } from "@vibe-friend/local-stack/testing/model-scripts";
import {
  startOpenAiTestServer,
  type OpenAiTestServer,
} from "@vibe-friend/local-stack/testing/openai-test-server";
import { askRedis } from "@vibe-friend/local-stack/redis-ask";
import { checkClaims } from "./history/claim-checks";
import { findDifferences } from "./history/event-checks";
import { registerPerson, waitUntilEnded } from "./person";
import { connectSubscriber } from "./raw-subscriber";
import { connectWitness, type RowWitness } from "./row-witness";
import { useStack } from "./running-stack";
import { waitFor } from "./wait-for";

let model: OpenAiTestServer;
let witness: RowWitness;
const running = useStack(async () => {
  model = await startOpenAiTestServer();
  return {
    ...{ workers: 2, restarts: false },
    env: { GENERATION_MAX_OPEN: "100", GENERATION_CONCURRENCY: "5", LLM_BASE_URL: model.baseUrl },
  };
});
beforeAll(async () => {
  witness = await connectWitness(running.stack.databaseUrl);
});
afterAll(async () => {
  await witness.close();
  await model.close();
});

it("brings 50 queued and 10 running generations to their end though Redis forgets everything", async () => {
  const { stack } = running;
  // One and a half seconds each.
  model.play(writeFiles([{ path: "README.md", content: "A line of text.\n".repeat(70) }], 800));
  const person = await registerPerson(stack.url);
  const subscriber = connectSubscriber(stack.url, { cookie: person.jar.header() });
  const generations = await Promise.all(
    Array.from({ length: 60 }, (_, index) =>
      person.client.generations.submit({ prompt: `number ${index}`, engine: "llm" }),
    ),
  );
  for (const { id } of generations) subscriber.watch(id);
  await waitFor("ten to run", async () => {
    const [row] = await witness.query<{ n: number }>(
      "select count(*)::int as n from generations where status = 'running'",
    );
    return row?.n === 10 ? true : undefined;
  });
  const { redis } = stack;
  if (redis === undefined) throw new Error("there is no Redis");
  await askRedis(redis, "FLUSHALL");
  await waitFor(
    "every end",
    () => (generations.every(({ id }) => subscriber.hasEnded(id)) ? true : undefined),
    { timeoutMs: 90_000 },
  );
  subscriber.close();
  const statuses = await witness.statuses();
  expect(generations.map(({ id }) => statuses.get(id))).toEqual(generations.map(() => "completed"));
  const { faults, lostLeases, failedRuns } = checkClaims(await witness.changes());
  expect({ faults, lostLeases, failedRuns }).toEqual({ faults: [], lostLeases: [], failedRuns: [] });
  for (const { id } of generations) {
    expect(findDifferences(subscriber.eventsOf(id), await witness.log(id))).toEqual([]);
  }
}, 180_000);

it.each(["with", "without"] as const)(
  "cancels down to the model's socket %s Redis",
  async (way) => {
    const { stack } = running;
    const person = await registerPerson(stack.url);
    model.play(async (exchange) => {
      await exchange.text(
        `@@FILE ${exchange.request.nonce} {"path":"README.md","op":"write"}\nhalf a file\n`,
      );
      await exchange.hang();
    });
    if (way === "without") await stack.kill("redis");
    try {
      const asked = model.requests.length;
      const { id } = await person.client.generations.submit({ prompt: "anything", engine: "llm" });
      const request = await waitFor("the model to be asked", () => model.requests[asked]);
      await waitFor("half a file", async () =>
        (await witness.log(id)).some(({ type }) => type === "file:delta") ? true : undefined,
      );
      const cancelledAt = Date.now();
      expect((await person.client.generations.cancel(id)).status).toBe("cancelled");
      // Promised is 2 s.
      expect((await request.closed) - cancelledAt).toBeLessThan(6_000);
      expect(await waitUntilEnded(person.client, id)).toMatchObject({ status: "cancelled" });
      expect(await person.client.generations.files(id)).toMatchObject([{ path: "README.md", partial: true }]);
      expect((await witness.log(id)).at(-1)?.type).toBe("cancelled");
    } finally {
      if (way === "without") await stack.restartPart("redis");
    }
  },
  90_000,
);
