import { createGenerations, type Generations } from "@vibe-friend/database/repositories/generations";
import {
  newGeneration,
  prepareTestSchema,
  readText,
  type TestSchema,
} from "@vibe-friend/database/testing/test-schema";
import { useTestPostgres } from "@vibe-friend/local-stack/test-servers";
import { answer, cutFiles, readTask, writeFiles } from "@vibe-friend/local-stack/testing/model-scripts";
import {
  startOpenAiTestServer,
  type OpenAiTestServer,
  type Script,
} from "@vibe-friend/local-stack/testing/openai-test-server";
import { encodeDone, encodeFile } from "./adapters/llm/file-protocol";
import { createLlmEngine } from "./adapters/llm/llm-engine";
import { until } from "./domain/testing/until";
import { startTestWorker, type TestWorker } from "./testing/test-worker";

const KEY = "sk-test-very-secret-0123456789";
const first = { path: "src/first.ts", content: "export const first = 1;\n" };
const second = { path: "src/second.ts", content: "export const second = 2;\n// the end\n" };

let schema: TestSchema;
let generations: Generations;
let server: OpenAiTestServer;
let worker: TestWorker;
let userId: string;

beforeAll(async () => {
  schema = await prepareTestSchema(await useTestPostgres());
  generations = createGenerations(schema.database);
  userId = await schema.addUser();
  server = await startOpenAiTestServer();
  worker = await startWorker("llm-1");
}, 30_000);

afterAll(async () => {
  await worker.stop();
  await worker.close();
  await server.close();
  await schema.drop();
});

function startWorker(name: string): Promise<TestWorker> {
  const engine = createLlmEngine({ baseUrl: server.baseUrl, apiKey: KEY, model: "test-model" });
  return startTestWorker({ name, databaseUrl: schema.url, redisUrl: "none", engine });
}

async function run(...scripts: Script[]) {
  server.play(...scripts);
  const { generation } = await generations.submit({ ...newGeneration(userId), engine: "llm" });
  await until(async () => {
    const found = await generations.find(userId, generation.id);
    return found !== undefined && ["completed", "failed"].includes(found.status);
  });
  const found = await generations.find(userId, generation.id);
  if (found === undefined) throw new Error("the generation is gone");
  const events = await generations.events(generation.id, 0, 10_000);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  expect(JSON.stringify([found, events])).not.toContain(KEY);
  return { generation: found, events };
}

async function readFile(id: string, path: string): Promise<string> {
  return readText((await generations.openFile(userId, id, path)).content);
}

describe("a generation by a language model", () => {
  it("ends with the files of the answer", async () => {
    const { generation } = await run(
      answer((nonce) => encodeFile(nonce, first) + encodeFile(nonce, second) + encodeDone(nonce, 2)),
    );
    expect(generation).toMatchObject({ status: "completed", attempt: 1, filesCount: 2 });
    expect(await readFile(generation.id, second.path)).toBe(second.content);
  });

  it("is whole although the connection broke within a file, which is written anew", async () => {
    const { generation, events } = await run(
      async (exchange) => {
        const { nonce } = exchange.request;
        const half = encodeFile(nonce, second).slice(0, 60);
        await exchange.text(encodeFile(nonce, first) + half);
        exchange.destroy();
      },
      answer((nonce) => encodeFile(nonce, second) + encodeDone(nonce, 1)),
    );
    expect(generation).toMatchObject({ status: "completed", attempt: 1, filesCount: 2 });
    expect(await readFile(generation.id, first.path)).toBe(first.content);
    expect(await readFile(generation.id, second.path)).toBe(second.content);
    const opened = events.filter((event) => event.type === "file:opened").map(({ path }) => path);
    expect(opened).toEqual([first.path, second.path, second.path]);
  });

  it("fails with words for its owner when the key is refused, and isn't tried again", async () => {
    const { generation } = await run((exchange) => {
      exchange.status(401, { error: { message: `Incorrect API key: ${KEY}` } });
    });
    expect(generation).toMatchObject({ status: "failed", attempt: 1, error: { code: "model_unavailable" } });
  });

  it("has a file with a gap as it came the second time", async () => {
    const elided = { path: first.path, content: "// ... rest of the code unchanged\n" };
    const { generation, events } = await run(
      answer((nonce) => encodeFile(nonce, elided) + encodeDone(nonce, 1)),
      writeFiles([first]),
    );
    expect(generation).toMatchObject({ status: "completed", attempt: 1, filesCount: 1 });
    expect(await readFile(generation.id, first.path)).toBe(first.content);
    const logs = events.flatMap((event) => (event.type === "log" ? [event.message] : []));
    expect(logs).toContain("Asking the model again for 1 file: src/first.ts.");
  });

  it("lets the model's socket go when it is cancelled", async () => {
    server.play(cutFiles([first, second], { afterCharacters: 150, by: "hanging" }));
    const before = server.requests.length;
    const { generation } = await generations.submit({ ...newGeneration(userId), engine: "llm" });
    await until(async () => {
      const events = await generations.events(generation.id, 0, 100);
      return events.some(({ type }) => type === "file:completed");
    });
    const cancelledAt = Date.now();
    await generations.cancel(userId, generation.id);
    const closedAt = await server.requests[before]!.closed;
    expect(closedAt - cancelledAt).toBeLessThan(6_000);
    expect(server.requests[before]!.state()).toBe("left");
    expect(server.requests).toHaveLength(before + 1);
  });

  it("goes on at another worker after the files that are there, which nobody pays for again", async () => {
    server.play(
      cutFiles([first, second], { afterCharacters: 150, by: "hanging" }),
      writeFiles([first, second]),
    );
    const before = server.requests.length;
    const { generation } = await generations.submit({ ...newGeneration(userId), engine: "llm" });
    await until(async () => {
      const events = await generations.events(generation.id, 0, 100);
      return events.some(({ type }) => type === "file:completed");
    });
    await worker.stop();
    await worker.close();
    worker = await startWorker("llm-2");
    await until(async () => (await generations.find(userId, generation.id))?.status === "completed");
    expect(readTask(server.requests[before + 1]!).saved).toEqual([first.path]);
    const events = await generations.events(generation.id, 0, 10_000);
    const opened = events.flatMap((event) => (event.type === "file:opened" ? [event.path] : []));
    expect(opened.filter((path) => path === first.path)).toHaveLength(1);
    expect(await readFile(generation.id, first.path)).toBe(first.content);
    expect(await readFile(generation.id, second.path)).toBe(second.content);
    expect(server.requests[before]!.state()).toBe("left");
  });
});
