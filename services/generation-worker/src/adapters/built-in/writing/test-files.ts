import type { ProjectFile, ProjectModel, Resource } from "../project-model";
import { writeResourceTest } from "./resource-test";
import { sampleExpression } from "./sample-values";
import { withArticle } from "../reading/words";
import { literal } from "./naming";

/** The project's tests and what they stand on. */
export function writeTestFiles(model: ProjectModel): ProjectFile[] {
  return [
    { path: "test/test-service.ts", content: TEST_SERVICE },
    { path: "test/test-database.ts", content: TEST_DATABASE },
    { path: "test/samples.ts", content: samples(model) },
    ...model.resources.map((resource) => ({
      path: `test/${resource.names.kebabPlural}.test.ts`,
      content: writeResourceTest(model, resource),
    })),
    { path: "test/service.test.ts", content: serviceTest(model) },
    { path: "test/all.ts", content: all(model) },
  ];
}

const TEST_DATABASE = `import { randomUUID } from "node:crypto";
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

const TEST_SERVICE = `import assert from "node:assert/strict";
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

function samples({ resources }: ProjectModel): string {
  const needsUuid = resources.some(({ fields }) => fields.some(({ kind }) => kind === "uuid"));
  const needsService = resources.some(({ belongsTo }) => belongsTo.some(({ required }) => required));
  return `${needsUuid ? 'import { randomUUID } from "node:crypto";\n' : ""}${needsService ? 'import { service } from "./test-service.js";\n' : ""}
let count = 0;
${resources.map(sample).join("\n")}`;
}

function sample({ names, fields, belongsTo }: Resource): string {
  const required = belongsTo.filter((relation) => relation.required);
  const lines = [
    ...fields.map((field) => `${field.name}: ${sampleExpression(field)},`),
    ...required.map(({ idName, target }) => {
      const path = literal(`/${target.kebabPlural}`);
      return `${idName}: (await service.create(${path}, await new${target.pascal}())).id,`;
    }),
  ];
  return `
/** A body that creates ${withArticle(names.label)}${required.length > 0 ? ", with all it needs" : ""}. */
export async function new${names.pascal}() {
  count += 1;
  return {
    ${lines.join("\n    ")}
  };
}
`;
}

function all({ resources }: ProjectModel): string {
  const files = [...resources.map(({ names }) => names.kebabPlural), "service"];
  return `// All tests in one process, so that they share one database. Each file also runs on its own:
// node --import tsx --test test/${files[0] ?? "service"}.test.ts
${files.map((file) => `import "./${file}.test.js";`).join("\n")}
`;
}

function serviceTest({ resources }: ProjectModel): string {
  const [first] = resources;
  const path = `/${first?.names.kebabPlural ?? ""}`;
  return `import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { service } from "./test-service.js";

describe("the service", () => {
  it("says that it is alive and ready", async () => {
    assert.equal((await service.request("GET", "/livez")).status, 200);
    assert.equal((await service.request("GET", "/readyz")).status, 200);
  });

  it("describes every resource in its OpenAPI document", async () => {
    const { body } = await service.request("GET", "/openapi.json");
    assert.deepEqual(Object.keys(body.paths as object).sort(), [
      ${resources
        .flatMap(({ names }) => [`/${names.kebabPlural}`, `/${names.kebabPlural}/{id}`])
        .sort()
        .map(literal)
        .join(",\n      ")},
    ]);
  });

  it("answers an unknown address with a problem document", async () => {
    const answer = await service.request("GET", "/nowhere/at-all");
    assert.equal(answer.status, 404);
    assert.match(answer.headers.get("content-type") ?? "", /^application\\/problem\\+json/);
    assert.equal(answer.body.title, "Not found");
  });

  it("refuses broken JSON", async () => {
    assert.equal((await service.request("POST", ${literal(path)}, "{ no json")).status, 400);
  });

  it("can take its migrations back and apply them again", async () => {
    const { dataSource } = service;
    await dataSource.undoLastMigration();
    assert.equal((await dataSource.query("SELECT to_regclass('${first?.names.table ?? ""}') AS found"))[0].found, null);
    await dataSource.runMigrations();
    assert.equal((await service.request("GET", ${literal(path)})).body.total, 0);
  });
});
`;
}
