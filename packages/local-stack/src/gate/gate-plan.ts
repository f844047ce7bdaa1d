import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { checkoutRoot } from "../checkout";
import { ensureChromium } from "../chromium";
import { startPostgres, type PostgresServer } from "../postgres-server";
import { describeRedisInstallation, findRedisBinary } from "../redis-binary";
import type { GateOptions } from "./gate-options";
import type { Step, StepOutcome, StepResult } from "./gate-step";
import { createJestStep } from "./jest-step";
import { createStaticChecks } from "./static-checks";

/** What the gate does: steps that may run together, then steps in their order. */
export interface GatePlan {
  readonly first: readonly Step[];
  /** @param results of the first steps */
  then(results: readonly StepResult[]): Step[];
  /** Stops what the plan itself has started. */
  close(): Promise<void>;
}

interface PlanContext {
  readonly options: GateOptions;
  readonly env: NodeJS.ProcessEnv;
  readonly directory: string;
  readonly onProgress: (line: string) => void;
}

const minute = 60_000;

export function createGatePlan(context: PlanContext): GatePlan {
  const { options, directory } = context;
  const env = createTestEnvironment(context);
  const logDirectory = join(directory, "logs");
  let postgres: PostgresServer | undefined;
  const startServer = async (): Promise<StepOutcome> => {
    postgres = await startPostgres({ dataDir: join(directory, "postgres"), isTemporary: true });
    env["TEST_POSTGRES_URL"] = postgres.url;
    return { status: "passed", detail: `${postgres.version}, ${postgres.source}` };
  };
  const wants = (part: GateOptions["only"]): boolean => options.only === undefined || options.only === part;
  const wantsTests = wants("unit") || wants("e2e");
  const first: Step[] = [
    ...(wantsTests ? [{ name: "postgres", run: startServer }] : []),
    ...(wantsTests ? [{ name: "redis", run: () => findRedis(context.onProgress) }] : []),
    ...(wants("e2e") ? [{ name: "chromium", run: () => findBrowser(env, context) }] : []),
    ...(wants("e2e") ? [{ name: "build", run: () => runBuild(options, logDirectory) }] : []),
    ...(wants("static") ? createStaticChecks({ env: context.env, logDirectory }) : []),
  ];
  return {
    first,
    then: (results) => {
      const shared = { env, logDirectory, onProgress: context.onProgress };
      const isBuilt = results.every(({ name, status }) => name !== "build" || status === "passed");
      return [
        ...(wants("unit") ? [createUnitStep(shared, options)] : []),
        ...(wants("e2e") ? [isBuilt ? createEndToEndStep(shared, options) : notBuilt] : []),
      ];
    },
    close: async () => {
      await postgres?.stop();
    },
  };
}

type SharedJestOptions = Pick<Parameters<typeof createJestStep>[0], "env" | "logDirectory" | "onProgress">;

function createUnitStep(shared: SharedJestOptions, { full }: GateOptions): Step {
  return createJestStep({
    ...shared,
    name: "unit and integration tests",
    configFile: join(checkoutRoot, "packages/tooling/jest.workspaces.cjs"),
    repeatsFailed: true,
    args: [`--maxWorkers=${Math.max(3, Math.floor(availableParallelism() / 2))}`],
    timeoutMs: (full ? 40 : 15) * minute,
  });
}

function createEndToEndStep(shared: SharedJestOptions, { full }: GateOptions): Step {
  return createJestStep({
    ...shared,
    name: "end-to-end tests",
    configFile: join(checkoutRoot, "packages/e2e/jest.config.cjs"),
    // A handle that lingers in the test process must not hold the gate; processes left behind are looked for after it.
    args: ["--runInBand", "--forceExit"],
    timeoutMs: (full ? 120 : 20) * minute,
  });
}

const notBuilt: Step = {
  name: "end-to-end tests",
  run: () => Promise.resolve({ status: "failed", detail: "not run, the build failed" }),
};

/** What a developer has set for their own product must not reach the tests. */
function createTestEnvironment({ env, options, directory }: PlanContext): Record<string, string | undefined> {
  const isPersonal =
    /^(DATABASE_|REDIS_|LLM_|ADMIN_|SESSION_|GENERATION_|TEST_POSTGRES_URL|PORT$|HOST$|LOG_)/;
  return {
    ...Object.fromEntries(Object.entries(env).filter(([name]) => !isPersonal.test(name))),
    VIBE_TEST_DIR: join(directory, "tmp"),
    ...(options.full ? { VIBE_TEST_FULL: "1" } : {}),
  };
}

async function runBuild({ build }: GateOptions, logDirectory: string): Promise<StepOutcome> {
  const { ok, output } = await build();
  const logFile = join(logDirectory, "build.log");
  mkdirSync(logDirectory, { recursive: true });
  writeFileSync(logFile, output);
  return { status: ok ? "passed" : "failed", logFile };
}

async function findRedis(onProgress: (line: string) => void): Promise<StepOutcome> {
  const binary = await findRedisBinary({ onProgress });
  if (binary !== undefined) return { status: "passed", detail: `${binary.version}, ${binary.source}` };
  return { status: "failed", detail: `none found, and none unpacked; ${describeRedisInstallation()}` };
}

async function findBrowser(
  env: Record<string, string | undefined>,
  { onProgress }: PlanContext,
): Promise<StepOutcome> {
  const answer = await ensureChromium(onProgress);
  if (answer.kind === "found") {
    env["CHROMIUM_PATH"] = answer.path;
    return { status: "passed", detail: answer.path };
  }
  env["CHROMIUM_PATH"] = undefined;
  const isFailure = env["CI"] === "true";
  return {
    status: isFailure ? "failed" : "skipped",
    detail: `NO BROWSER: ${isFailure ? "CI needs" : "SKIPPING"} THE BROWSER TESTS (${answer.reason})`,
  };
}
