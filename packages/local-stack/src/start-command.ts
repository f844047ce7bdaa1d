import { rmSync } from "node:fs";
import { join } from "node:path";
import pc from "picocolors";
import { localDirectory } from "./checkout";
import { findFirstAdminLink } from "./first-admin-link";
import { removePostgresData } from "./postgres-server";
import { dismissWatcher, endOrphans } from "./process-ledger";
import { createLogPrinter } from "./log-printer";
import { holdStartNote } from "./start-note";
import { startStack, type Stack, type StackOptions } from "./stack";

/** What `npm start` was asked for. */
export interface StartOptions {
  readonly port: number;
  readonly gateways: number;
  readonly workers: number;
  readonly notifiers: number;
  readonly redis: boolean;
  /** Forget the local data first. */
  readonly reset: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

const parentPollMs = 250;
// Ours to give: a service must not take the gateway's port or count for its own.
const ours = ["PORT", "WORKERS", "NOTIFIERS", "GATEWAYS", "DATABASE_URL", "REDIS_URL"];

/**
 * Runs the product in the foreground until it is told to stop.
 *
 * @param stop ends everything in good order; the process event `vibe-friend:kill` then ends it at once
 * @returns the exit code
 */
export async function runStart(options: StartOptions, env: Environment, stop: AbortSignal): Promise<number> {
  endOrphans();
  const releaseNote = holdStartNote(`http://localhost:${options.port}`);
  const parentGone = watchParent(env);
  const signal = AbortSignal.any([stop, parentGone.signal]);
  let stack: Stack | undefined;
  try {
    if (options.reset) forgetData();
    const started = await startStack({ ...describeStack(options, env), signal });
    stack = started;
    process.once("vibe-friend:kill", () => {
      releaseNote();
      void started
        .killAll()
        .then(dismissWatcher)
        .then(() => process.exit(1));
    });
    await printReady(started, signal);
    await waitForAbort(signal);
    return 0;
  } catch (error) {
    if (signal.aborted) return 0;
    console.error(pc.red(error instanceof Error ? error.message : String(error)));
    return 1;
  } finally {
    // Whatever ended it, also a stop that came while the link was being asked for.
    if (stack !== undefined) {
      console.log("stopping…");
      await stack.stop();
    }
    parentGone.end();
    releaseNote();
    await dismissWatcher();
  }
}

function describeStack(options: StartOptions, env: Environment): StackOptions {
  const printer = createLogPrinter(process.stdout);
  return {
    gatewayPort: options.port,
    gateways: options.gateways,
    workers: options.workers,
    notifiers: options.notifiers,
    databaseUrl: emptyAsUnset(env["DATABASE_URL"]),
    redis: options.redis && chooseRedis(env),
    env: createProductEnvironment(options, env),
    onLog: printer,
    onProgress: (line) => {
      console.log(`  ${pc.green("✓")} ${line}`);
    },
    onWarning: (line) => {
      console.log(pc.yellow(line));
    },
  };
}

/** A Redis that the environment names comes first. */
function chooseRedis(env: Environment): boolean | string {
  const url = emptyAsUnset(env["REDIS_URL"]);
  if (url !== undefined) return url;
  const named = ["REDIS_HOST", "REDIS_SENTINELS", "REDIS_CLUSTER_NODES"].some(
    (name) => emptyAsUnset(env[name]) !== undefined,
  );
  return named ? "environment" : true;
}

function createProductEnvironment(options: StartOptions, env: Environment): Environment {
  const usesNamedRedis = options.redis && chooseRedis(env) !== true;
  const isConnection = (name: string): boolean =>
    /^REDIS_(CACHE_)?(URL|HOST|PORT|USERNAME|PASSWORD|DB|TLS|SENTINELS|SENTINEL_NAME|CLUSTER_NODES)$/.test(
      name,
    );
  const usesNamedDatabase = emptyAsUnset(env["DATABASE_URL"]) !== undefined;
  const passed = Object.entries(env).filter(
    ([name]) =>
      !ours.includes(name) &&
      !name.startsWith("npm_") &&
      (usesNamedRedis || !isConnection(name)) &&
      (usesNamedDatabase || name !== "DATABASE_DIRECT_URL"),
  );
  return { ...(process.stdout.isTTY ? { LOG_FORMAT: "pretty" } : {}), ...Object.fromEntries(passed) };
}

async function printReady(stack: Stack, signal: AbortSignal): Promise<void> {
  console.log(`vibe-friend is ready at ${stack.url}`);
  try {
    const link = await findFirstAdminLink(stack.env);
    if (link !== undefined) console.log(`First admin: sign in once with ${link}`);
  } catch (error) {
    if (signal.aborted) return;
    // The product runs; only the first admin has to wait for the next start.
    console.log(
      pc.yellow(`No link for a first admin: ${error instanceof Error ? error.message : String(error)}`),
    );
  }
}

function forgetData(): void {
  removePostgresData(join(localDirectory, "postgres"));
  for (const name of ["redis", "secrets.json"])
    rmSync(join(localDirectory, name), { recursive: true, force: true });
  console.log("  local data forgotten");
}

/** npm that was killed tells nobody: its child is then handed to another parent. */
function watchParent(env: Environment): { signal: AbortSignal; end: () => void } {
  const controller = new AbortController();
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (env["npm_lifecycle_event"] !== undefined && process.ppid !== parent) controller.abort();
  }, parentPollMs);
  return {
    signal: controller.signal,
    end: () => {
      clearInterval(timer);
    },
  };
}

function waitForAbort(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener(
      "abort",
      () => {
        resolve();
      },
      { once: true },
    );
  });
}

function emptyAsUnset(value: string | undefined): string | undefined {
  return value === "" ? undefined : value;
}
