import type { ProjectFile, ProjectModel } from "../project-model";

/** Versions that were tried together. Both pglite packages must match each other exactly. */
const DEPENDENCIES = {
  express: "^5.3.0",
  helmet: "^8.3.0",
  pg: "^8.23.0",
  "reflect-metadata": "^0.2.2",
  typeorm: "^1.1.1",
  zod: "^4.6.0",
};
const DEV_DEPENDENCIES = {
  "@electric-sql/pglite": "0.5.14",
  "@electric-sql/pglite-socket": "0.2.17",
  "@types/express": "^5.0.6",
  "@types/node": "^20.19.0",
  tsx: "^4.23.0",
  typescript: "^6.0.3",
};

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** package.json and what tools read beside it. */
export function writeProjectFiles({ packageName, title }: ProjectModel): ProjectFile[] {
  return [
    {
      path: "package.json",
      content: json({
        name: packageName,
        version: "0.1.0",
        private: true,
        description: `${title}: a REST service`,
        type: "module",
        engines: { node: ">=20.19.0" },
        scripts: {
          build: "tsc -p tsconfig.build.json",
          start: "node dist/main.js",
          dev: "tsx watch src/main.ts",
          migrate: "tsx src/database/migrate.ts",
          "migrate:revert": "tsx src/database/migrate.ts revert",
          typecheck: "tsc --noEmit",
          test: "node --import tsx --test test/all.ts",
        },
        dependencies: DEPENDENCIES,
        devDependencies: DEV_DEPENDENCIES,
      }),
    },
    { path: "tsconfig.json", content: json(TSCONFIG) },
    { path: "tsconfig.build.json", content: json(TSCONFIG_BUILD) },
    { path: ".gitignore", content: "node_modules/\ndist/\n.env\n" },
    { path: ".env.example", content: environment(packageName) },
  ];
}

const TSCONFIG = {
  compilerOptions: {
    target: "ES2022",
    lib: ["ES2023"],
    types: ["node"],
    module: "nodenext",
    moduleResolution: "nodenext",
    strict: true,
    noUncheckedIndexedAccess: true,
    noImplicitOverride: true,
    noImplicitReturns: true,
    noFallthroughCasesInSwitch: true,
    noUnusedLocals: true,
    noUnusedParameters: true,
    verbatimModuleSyntax: true,
    experimentalDecorators: true,
    useDefineForClassFields: false,
    skipLibCheck: true,
    sourceMap: true,
  },
  include: ["src", "test"],
};

const TSCONFIG_BUILD = {
  extends: "./tsconfig.json",
  compilerOptions: { rootDir: "src", outDir: "dist" },
  include: ["src"],
};

function databaseName(packageName: string): string {
  return packageName.replaceAll("-", "_");
}

function environment(packageName: string): string {
  return `# Copy to .env and adjust. The password is for a database on your own machine only.
DATABASE_URL=postgres://postgres:postgres@localhost:5432/${databaseName(packageName)}
HOST=127.0.0.1
PORT=3000
`;
}

/** The image and a compose file with a Postgres of its own. */
export function writeContainerFiles({ packageName }: ProjectModel): ProjectFile[] {
  return [
    { path: "Dockerfile", content: DOCKERFILE },
    { path: ".dockerignore", content: "node_modules\ndist\n.env\n.git\ntest\n" },
    { path: "docker-compose.yml", content: compose(databaseName(packageName)) },
  ];
}

const DOCKERFILE = `FROM node:22-alpine AS build
WORKDIR /app
COPY package*.json ./
RUN npm install --no-audit --no-fund
COPY tsconfig*.json ./
COPY src ./src
RUN npm run build && npm prune --omit=dev

FROM node:22-alpine
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
USER node
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --retries=5 CMD wget -qO- http://127.0.0.1:3000/readyz || exit 1
CMD ["node", "dist/main.js"]
`;

function compose(database: string): string {
  return `services:
  postgres:
    image: postgres:17-alpine
    environment:
      POSTGRES_USER: postgres
      POSTGRES_PASSWORD: \${POSTGRES_PASSWORD:-postgres}
      POSTGRES_DB: ${database}
    ports:
      - "127.0.0.1:5432:5432"
    volumes:
      - postgres_data:/var/lib/postgresql/data
    healthcheck:
      test: ["CMD-SHELL", "pg_isready -U postgres -d ${database}"]
      interval: 5s
      timeout: 3s
      retries: 10

  migrate:
    build: .
    command: ["node", "dist/database/migrate.js"]
    environment: &environment
      DATABASE_URL: postgres://postgres:\${POSTGRES_PASSWORD:-postgres}@postgres:5432/${database}
    depends_on:
      postgres:
        condition: service_healthy

  api:
    build: .
    environment: *environment
    ports:
      - "127.0.0.1:\${PORT:-3000}:3000"
    depends_on:
      migrate:
        condition: service_completed_successfully
    restart: unless-stopped

volumes:
  postgres_data:
`;
}
