import type { ProjectFile, ProjectModel } from "../project-model";
import { MIGRATION_CLASS, MIGRATION_FILE } from "./migration";
import { writeApp } from "./app-file";
import { writeOpenapi } from "./openapi";

/** The process around the routes: configuration, database, app, start and stop. */
export function writeServiceFiles(model: ProjectModel): ProjectFile[] {
  const hasDecimals = model.resources.some(({ fields }) => fields.some(({ kind }) => kind === "decimal"));
  const hasLists = model.resources.some(({ manyToMany }) => manyToMany.length > 0);
  return [
    { path: "src/main.ts", content: MAIN },
    { path: "src/config.ts", content: CONFIG },
    { path: "src/app.ts", content: writeApp(model) },
    { path: "src/openapi.ts", content: writeOpenapi(model) },
    { path: "src/database/data-source.ts", content: dataSource(model) },
    { path: "src/database/migrate.ts", content: MIGRATE },
    ...(hasDecimals ? [{ path: "src/database/decimal.ts", content: DECIMAL }] : []),
    ...(hasLists ? [{ path: "src/database/find-all.ts", content: FIND_ALL }] : []),
  ];
}

const MAIN = `import { createServer } from "node:http";
import { createApp } from "./app.js";
import { loadConfig } from "./config.js";
import { createDataSource } from "./database/data-source.js";

/** How long open requests may take once the process was asked to stop. */
const STOP_TIMEOUT_MS = 10_000;

const config = loadConfig();
const dataSource = await createDataSource({ url: config.databaseUrl }).initialize();
const server = createServer(createApp(dataSource));

server.listen(config.port, config.host, () => {
  console.log(\`Listening on http://\${config.host}:\${config.port}\`);
});

let stopping = false;
function stop(signal: string): void {
  if (stopping) return;
  stopping = true;
  console.log(\`\${signal}: finishing open requests\`);
  setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref();
  server.close(() => {
    void dataSource.destroy().finally(() => process.exit(0));
  });
  server.closeIdleConnections();
}
process.on("SIGINT", stop);
process.on("SIGTERM", stop);
`;

const CONFIG = `import { existsSync } from "node:fs";
import { z } from "zod";

const schema = z.object({
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  HOST: z.string().min(1).default("127.0.0.1"),
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
});

export interface Config {
  databaseUrl: string;
  host: string;
  port: number;
}

/** Reads the environment, and \`.env\` where there is one. Ends the process when something is wrong. */
export function loadConfig(): Config {
  if (existsSync(".env")) process.loadEnvFile(".env");
  const result = schema.safeParse(process.env);
  if (!result.success) {
    for (const { path, message } of result.error.issues) console.error(\`\${path.join(".")}: \${message}\`);
    process.exit(1);
  }
  return { databaseUrl: result.data.DATABASE_URL, host: result.data.HOST, port: result.data.PORT };
}
`;

const MIGRATE = `import { loadConfig } from "../config.js";
import { createDataSource } from "./data-source.js";

// \`npm run migrate\` brings the schema up to date; \`npm run migrate:revert\` takes the last step back.
const dataSource = await createDataSource({ url: loadConfig().databaseUrl }).initialize();
try {
  if (process.argv[2] === "revert") {
    await dataSource.undoLastMigration();
    console.log("Reverted the last migration.");
  } else {
    const applied = await dataSource.runMigrations();
    console.log(applied.length === 0 ? "The schema is up to date." : \`Applied \${applied.length} migration(s).\`);
  }
} finally {
  await dataSource.destroy();
}
`;

const DECIMAL = `import type { ValueTransformer } from "typeorm";

/** Postgres hands out \`numeric\` as text, because it may be longer than a number can hold; ours isn't. */
export const decimal: ValueTransformer = {
  to: (value: number | null | undefined) => value,
  from: (value: string | null) => (value === null ? null : Number(value)),
};
`;

const FIND_ALL = `import { In, type FindOptionsWhere, type ObjectLiteral, type Repository } from "typeorm";
import { invalidInput } from "../http/problem.js";

/** The rows with these ids. Throws a 422 problem about \`path\` when one is missing. */
export async function findAll<Row extends ObjectLiteral & { id: string }>(
  repository: Repository<Row>,
  ids: readonly string[],
  path: string,
): Promise<Row[]> {
  const wanted = [...new Set(ids)];
  const where = { id: In(wanted) } as FindOptionsWhere<Row>;
  const rows = await repository.find({ where });
  const found = new Set(rows.map(({ id }) => id));
  const missing = wanted.filter((id) => !found.has(id));
  if (missing.length > 0) {
    throw invalidInput([{ path, message: \`These ids name nothing: \${missing.join(", ")}.\` }]);
  }
  return rows;
}
`;

function dataSource({ resources }: ProjectModel): string {
  const sorted = [...resources].sort((a, b) => (a.names.kebabPlural < b.names.kebabPlural ? -1 : 1));
  const imports = sorted.map(
    ({ names }) => `import { ${names.pascal} } from "../${names.kebabPlural}/${names.kebab}.entity.js";`,
  );
  return `import "reflect-metadata";
import { DataSource } from "typeorm";
${imports.join("\n")}
import { ${MIGRATION_CLASS} } from "./migrations/${MIGRATION_FILE}.js";

export interface DatabaseOptions {
  url: string;
  /** Connections kept at most; default 10. */
  poolSize?: number;
  /** The schema to work in instead of the user's own. */
  schema?: string;
}

/** The tables and how they came to be. The schema is changed by migrations only. */
export function createDataSource({ url, poolSize = 10, schema }: DatabaseOptions): DataSource {
  return new DataSource({
    type: "postgres",
    url,
    poolSize,
    connectTimeoutMS: 5_000,
    entities: [${resources.map(({ names }) => names.pascal).join(", ")}],
    migrations: [${MIGRATION_CLASS}],
    synchronize: false,
    ...(schema === undefined ? {} : { extra: { options: \`-c search_path=\${schema}\` } }),
  });
}
`;
}
