import { resolve } from "node:path";
import { checkoutRoot, localDirectory } from "./checkout";
import { runNodeScript } from "./node-script";
import type { ProcessExit } from "./owned-process";
import { createServiceEnvironment } from "./service-environment";
import { createServiceProcess } from "./service-process";
import { findStackFile, type RunningPart } from "./stack-file";
import { StackParts } from "./stack-parts";
import { loadStackSecrets } from "./stack-secrets";
import { startStackServers, type StackServers } from "./stack-servers";
import {
  planServices,
  productServices,
  type PlannedService,
  type ServiceCounts,
  type ServiceProgram,
} from "./stack-services";

export interface StackOptions extends Partial<ServiceCounts> {
  /** Data, secrets and stack.json (default: `.local/`). */
  readonly dataDir?: string | undefined;
  /** Of the first gateway, the others follow (default: free ports). */
  readonly gatewayPort?: number | undefined;
  /** true: a private one (default). false: none, degraded on purpose. "environment": what `env` says. Else a URL. */
  readonly redis?: boolean | string | undefined;
  /** The database to use (default: one on a private Postgres). */
  readonly databaseUrl?: string | undefined;
  /** Further environment of the services. They inherit none but PATH and the like. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Start a part again when it dies (default: true). */
  readonly restarts?: boolean | undefined;
  readonly onLog?: ((part: string, line: string) => void) | undefined;
  /** Told of each finished step. */
  readonly onProgress?: ((line: string) => void) | undefined;
  /** Told of what isn't as it should be, and of parts that die and come back (default: `onProgress`). */
  readonly onWarning?: ((line: string) => void) | undefined;
  /** Gives up and stops what has been started. */
  readonly signal?: AbortSignal | undefined;
  /** Other programs than the product's services. */
  readonly services?: readonly ServiceProgram[] | undefined;
  /** Run before the services with DATABASE_URL (default: the product's migrations; false: nothing). */
  readonly migration?: string | false | undefined;
}

/** A running product. `postgres` and `redis` are the private servers, if there are. */
export interface Stack extends StackServers {
  /** Of the first gateway. */
  readonly url: string;
  /** Of every gateway. */
  readonly urls: readonly string[];
  /** What a service or a script beside it gets as its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** The processes that run now. */
  parts(): RunningPart[];
  /** SIGKILL unless told otherwise; it stays down until `restartPart`. Answers when it has ended. */
  kill(name: string, signal?: NodeJS.Signals): Promise<ProcessExit | undefined>;
  /** SIGSTOP. */
  freeze(name: string): void;
  resume(name: string): void;
  /** Stops it if it runs; answers when it is ready again, on the same port. */
  restartPart(name: string): Promise<void>;
  /** Ends everything in good order, servers last. */
  stop(): Promise<void>;
  /** Ends everything at once. */
  killAll(): Promise<void>;
}

/**
 * Starts Postgres, Redis and every service as processes of their own, and waits until all are ready.
 *
 * @throws {Error} with the last lines of what didn't start; everything else has been stopped by then
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const { dataDir = localDirectory, restarts = true, signal } = options;
  const onProgress = options.onProgress ?? noop;
  const parts = new StackParts({ dataDir, restarts, onNews: options.onWarning ?? onProgress });
  const abort = (): void => void parts.stop();
  signal?.addEventListener("abort", abort, { once: true });
  try {
    signal?.throwIfAborted();
    return await start(parts, { ...options, dataDir, onProgress });
  } catch (error) {
    await parts.stop();
    throw error;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

type StartOptions = StackOptions & { dataDir: string; onProgress: (line: string) => void };

async function start(parts: StackParts, options: StartOptions): Promise<Stack> {
  const { workers = 1, notifiers = 1, gateways = 1, onProgress } = options;
  const counts = { workers, notifiers, gateways };
  const planned = await planServices(options.services ?? productServices, counts, options.gatewayPort);
  const secrets = loadStackSecrets(options.dataDir);
  const servers = await startStackServers(parts, {
    dataDir: options.dataDir,
    databaseUrl: options.databaseUrl,
    redis: options.redis ?? true,
    redisPassword: secrets.redisPassword,
    onProgress,
    onWarning: options.onWarning ?? onProgress,
  });
  parts.checkNotStopped();
  const env = createServiceEnvironment(planned, {
    ...options.env,
    DATABASE_URL: servers.databaseUrl,
    REDIS_URL: servers.redisUrl,
    INTERNAL_TOKEN_SECRET: secrets.internalTokenSecret,
    VIBE_STACK_DIR: options.dataDir,
  });
  const script = options.migration ?? productMigration;
  if (script !== false) {
    await runNodeScript(resolve(checkoutRoot, script), { env, timeoutMs: 60_000 });
    onProgress("database migrated");
  }
  const stackFile = findStackFile(options.dataDir);
  await startServices(parts, planned, { env, stackFile, onLog: options.onLog ?? noop });
  onProgress(`${planned.length} services ready`);
  return createHandle(parts, { planned, servers, env });
}

interface ServiceStart {
  readonly stackFile: string;
  readonly env: Readonly<Record<string, string>>;
  readonly onLog: (part: string, line: string) => void;
}

async function startServices(
  parts: StackParts,
  planned: readonly PlannedService[],
  { env, stackFile, onLog }: ServiceStart,
): Promise<void> {
  await Promise.all(
    planned.map(async (service) => {
      const part = parts.add({ name: service.name, kind: "service" });
      const onServiceLog = (line: string): void => {
        onLog(service.name, line);
      };
      const child = createServiceProcess(service, {
        env,
        stackFile,
        onLog: onServiceLog,
        onExit: part.onExit,
      });
      await part.launch(child, service.url);
    }),
  );
  parts.checkNotStopped();
}

interface HandleDetails {
  readonly planned: readonly PlannedService[];
  readonly servers: StackServers;
  readonly env: Readonly<Record<string, string>>;
}

function createHandle(parts: StackParts, { planned, servers, env }: HandleDetails): Stack {
  const urls = planned.filter(({ name }) => name.startsWith("api-gateway")).map(({ url }) => url);
  return {
    ...servers,
    url: urls[0] ?? "",
    urls,
    env,
    parts: () => parts.list(),
    kill: (name, signal) => parts.read(name).kill(signal),
    freeze: (name) => {
      parts.read(name).freeze();
    },
    resume: (name) => {
      parts.read(name).resume();
    },
    restartPart: (name) => parts.read(name).restart(),
    stop: () => parts.stop(),
    killAll: () => parts.kill(),
  };
}

const productMigration = "packages/database/dist/migrate-cli.js";

function noop(): void {
  // Nobody listens.
}
