/** `test/test-database.ts` */
export const TEST_DATABASE = `import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";
import type { DataSource } from "typeorm";
import { createDataSource } from "../src/database/data-source.js";

export interface TestDatabase {
  dataSource: DataSource;
  stop(): Promise<void>;
}

/**
 * An empty database with all migrations applied. It lives in a schema of its own in the Postgres that
 * TEST_DATABASE_URL or DATABASE_URL names, and is dropped at the end; your data is never touched. Without a
 * URL it is a Postgres inside this process (PGlite).
 */
export async function startTestDatabase(): Promise<TestDatabase> {
  if (existsSync(".env")) process.loadEnvFile(".env");
  const url = process.env.TEST_DATABASE_URL ?? process.env.DATABASE_URL;
  return url === undefined || url === "" ? startInProcess() : startInSchema(url);
}

async function startInProcess(): Promise<TestDatabase> {
  const database = await PGlite.create();
  const server = new PGLiteSocketServer({ db: database, host: "127.0.0.1", port: 0 });
  await server.start();
  const url = \`postgres://postgres@\${server.getServerConn()}/postgres\`;
  // PGlite serves one connection at a time.
  const dataSource = await createDataSource({ url, poolSize: 1 }).initialize();
  await dataSource.runMigrations();
  return {
    dataSource,
    async stop() {
      await dataSource.destroy();
      await server.stop();
      await database.close();
    },
  };
}

async function startInSchema(url: string): Promise<TestDatabase> {
  const schema = \`test_\${randomUUID().replaceAll("-", "")}\`;
  const owner = await createDataSource({ url, poolSize: 1 }).initialize();
  await owner.query(\`CREATE SCHEMA "\${schema}"\`);
  const dataSource = await createDataSource({ url, poolSize: 4, schema }).initialize();
  await dataSource.runMigrations();
  return {
    dataSource,
    async stop() {
      await dataSource.destroy();
      await owner.query(\`DROP SCHEMA "\${schema}" CASCADE\`);
      await owner.destroy();
    },
  };
}
`;

/** `test/test-service.ts` */
export const TEST_SERVICE = `import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after } from "node:test";
import type { DataSource } from "typeorm";
import { createApp } from "../src/app.js";
import { startTestDatabase } from "./test-database.js";

export type Row = Record<string, unknown> & { id: string };

export interface Answer {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

export interface TestService {
  dataSource: DataSource;
  /** A string body is sent as it is, anything else as JSON. */
  request(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Posts and expects 201. */
  create(path: string, body: unknown): Promise<Row>;
  stop(): Promise<void>;
}

/**
 * The real service on a free port with a database of its own. All tests of the process share it, because
 * starting it takes longer than testing on it; so no test may rely on an empty table.
 */
export const service = await startTestService();
after(() => service.stop());

async function startTestService(): Promise<TestService> {
  const database = await startTestDatabase();
  const server = createServer(createApp(database.dataSource));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;

  async function request(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(\`http://127.0.0.1:\${port}\${path}\`, {
      method,
      ...(body === undefined
        ? {}
        : {
            headers: { "content-type": "application/json" },
            body: typeof body === "string" ? body : JSON.stringify(body),
          }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === "" ? {} : (JSON.parse(text) as Record<string, unknown>),
    };
  }

  return {
    dataSource: database.dataSource,
    request,
    async create(path, body) {
      const answer = await request("POST", path, body);
      assert.equal(answer.status, 201, JSON.stringify(answer.body));
      return answer.body as Row;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await database.stop();
    },
  };
}
`;
