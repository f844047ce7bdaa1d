import express from "express";
import type { Request } from "express";
import { randomUUID } from "node:crypto";
import type { AddressInfo } from "node:net";
import { connectDatabase } from "@vibe-friend/database/data-source";
import { loadService } from "../load-service";
import { connectOurSessions, userEpoch } from "../sessions/ours";
import { databasePoolSize } from "../sessions/session-contestant";

export interface NaiveSetup {
  readonly redisUrl: string;
  readonly databaseUrl: string;
  readonly userId: string;
  /** characters per second, 0 for as fast as it can */
  readonly engineRate: number;
}

interface EngineEvent {
  readonly type: string;
  readonly path: string;
  readonly text: string;
}

interface WorkerModules {
  readonly createBuiltInEngine: (options: { charactersPerSecond: number }) => {
    generate(request: object, signal: AbortSignal): AsyncIterable<EngineEvent>;
  };
}

/** What one writes first: an Express server whose request runs the engine and answers when it has ended. */
export async function openNaiveWorker({ redisUrl, databaseUrl, userId, engineRate }: NaiveSetup) {
  const { createBuiltInEngine } = (await loadService("generation-worker", [
    "adapters/built-in/built-in-engine",
  ])) as WorkerModules;
  const engine = createBuiltInEngine({ charactersPerSecond: engineRate });
  const ours = await connectOurSessions({
    adapter: "ours",
    redisUrl,
    databaseUrl,
    userId,
    peerDirectory: "",
  });
  const database = await connectDatabase({
    url: databaseUrl,
    applicationName: "bench",
    poolSize: databasePoolSize,
    waitForMs: 10_000,
  });
  await database.query(
    "create table naive (id uuid primary key, user_id uuid, prompt text, files jsonb, created_at timestamptz default now())",
  );

  async function findUser({ headers }: Request): Promise<string> {
    const token = /naive=([^;]+)/.exec(headers.cookie ?? "")?.[1];
    const found = token === undefined ? undefined : await ours.store.find(token);
    if (found === undefined || found.kind === "unavailable" || found.value === undefined) {
      throw new Error("nobody is signed in");
    }
    return found.value.userId;
  }

  async function generate(prompt: string): Promise<Map<string, string>> {
    const contents = new Map<string, string>();
    const request = { generationId: randomUUID(), prompt, model: undefined, attempt: 1, completedFiles: [] };
    for await (const { type, path, text } of engine.generate(request, new AbortController().signal)) {
      if (type === "file:opened") contents.set(path, "");
      if (type === "file:delta") contents.set(path, (contents.get(path) ?? "") + text);
    }
    return contents;
  }

  const app = express();
  app.use(express.json());
  app.get("/api/v1/auth/session", async (request, response) => {
    response.json({ user: { id: await findUser(request) } });
  });
  app.get("/api/v1/generations", async (request, response) => {
    const items = await database.query(
      "select id, prompt, created_at from naive where user_id = $1 order by created_at desc limit 20",
      [await findUser(request)],
    );
    response.json({ items, nextCursor: null });
  });
  app.post("/api/v1/generations", async (request, response) => {
    const owner = await findUser(request);
    const { prompt } = request.body as { prompt: string };
    const files = await generate(prompt);
    const id = randomUUID();
    await database.query("insert into naive (id, user_id, prompt, files) values ($1, $2, $3, $4)", [
      id,
      owner,
      prompt,
      JSON.stringify([...files]),
    ]);
    response.json({ generation: { id, status: files.size > 0 ? "completed" : "failed" } });
  });
  const server = app.listen(0, "127.0.0.1");
  // Connections wait while others have their turn; by default they would be closed after 5 s.
  server.keepAliveTimeout = 0;
  await new Promise((resolve) => server.once("listening", resolve));
  return {
    readPort: (): Promise<number> => Promise.resolve((server.address() as AddressInfo).port),
    /** @returns the cookie of somebody signed in */
    async signIn(): Promise<string> {
      const { token } = await ours.store.create({ userId, userEpoch });
      return `naive=${token}`;
    },
    async close(): Promise<void> {
      server.closeAllConnections();
      server.close();
      await ours.close();
      await database.close();
    },
  };
}
