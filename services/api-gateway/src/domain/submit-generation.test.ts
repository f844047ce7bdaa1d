import type { SubmitBody } from "@vibe-friend/contracts/generation";
import { newGeneration } from "../testing/memory-gateway";
import { createHandOver } from "./hand-over";
import type { NewGeneration } from "./ports";
import { createSubmitGeneration } from "./submit-generation";
import { createTakeTurns } from "./take-turns";

function setup(options: { created?: boolean; hasLlm?: boolean; queueTakes?: boolean } = {}) {
  const steps: string[] = [];
  const submitted: NewGeneration[] = [];
  const step = (name: string) => {
    steps.push(name);
    return Promise.resolve();
  };
  const handOver = createHandOver({
    queue: { add: () => step("queue").then(() => options.queueTakes ?? true) },
    news: { queued: () => step("news") },
  });
  const submitGeneration = createSubmitGeneration({
    store: {
      async submit(generation) {
        submitted.push(generation);
        await step("row");
        return { generation: newGeneration(), events: [], created: options.created ?? true };
      },
    },
    handOver,
    takeQueueRoom: () => Promise.resolve(),
    takeTurn: createTakeTurns(),
    limits: { maxOpen: 20, dailyLimit: 0 },
    hasLlm: options.hasLlm ?? false,
  });
  const submit = (body: Partial<SubmitBody> = {}, idempotencyKey?: string) =>
    submitGeneration({
      userId: "u",
      body: { prompt: "a library", priority: 5, ...body },
      mode: "async",
      idempotencyKey,
    });
  return { submit, steps, submitted, handOver };
}

it("commits the row before it hands over", async () => {
  const { submit, steps, handOver } = setup();
  await submit();
  await handOver.settled();
  expect(steps).toEqual(["row", "queue"]);
});

it("wakes workers over the bus when the queue doesn't take it", async () => {
  const { submit, steps, handOver } = setup({ queueTakes: false });
  await submit();
  await handOver.settled();
  expect(steps).toEqual(["row", "queue", "news"]);
});

it("hands nothing over twice when the key was used before", async () => {
  const { submit, steps, handOver } = setup({ created: false });
  await submit({}, "key-1");
  await handOver.settled();
  expect(steps).toEqual(["row"]);
});

it("tells requests under one key apart by everything that was asked", async () => {
  const { submit, submitted } = setup({ hasLlm: true });
  await submit({}, "k");
  await submit({}, "k");
  await submit({ priority: 4 }, "k");
  await submit({ engine: "llm" }, "k");
  await submit({ model: "gpt" }, "k");
  const hashes = submitted.map((generation) => generation.idempotency?.hash);
  expect(hashes[0]).toBe(hashes[1]);
  expect(new Set(hashes).size).toBe(4);
});

it("runs on the language model where there is one, unless asked otherwise", async () => {
  const { submit, submitted } = setup({ hasLlm: true });
  await submit();
  await submit({ engine: "builtin" });
  expect(submitted.map(({ engine }) => engine)).toEqual(["llm", "builtin"]);
});

it("refuses a language model that isn't set up, and stores nothing", async () => {
  const { submit, steps } = setup();
  await expect(submit({ engine: "llm" })).rejects.toMatchObject({ code: "invalid_request" });
  expect(steps).toEqual([]);
});
