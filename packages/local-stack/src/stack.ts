import { resolve } from "node:path";
import { checkoutRoot, localDirectory } from "./checkout";
import { runNodeScript } from "./node-script";
import type { ProcessExit } from "./owned-process";
import { createServiceEnvironment } from "./service-environment";
import { createServiceFleet, type ScalableService, type ServiceFleet } from "./service-fleet";
import { findStackFile, type RunningPart } from "./stack-file";
import { StackParts } from "./stack-parts";
import { createProxyTable, type ProxyTable, type StackProxies } from "./stack-proxies";
import { loadStackSecrets } from "./stack-secrets";
import { startStackServers, type StackServers } from "./stack-servers";
import { planServices, productServices, type ServiceCounts, type ServiceProgram } from "./stack-services";

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
  /** Lead every service to Redis and Postgres through proxies of its own (default: false). */
  readonly proxies?: boolean | undefined;
  /** Other programs than the product's services. */
  readonly services?: readonly ServiceProgram[] | undefined;
  /** Run before the services with DATABASE_URL (default: the product's migrations; false: nothing). */
  readonly migration?: string | false | undefined;
}

/** A running product. `postgres` and `redis` are the private servers, if there are. */
export interface Stack extends StackServers {
  /** Of the first gateway. */
  readonly url: string;
  /** Of every gateway that is meant to run. */
  readonly urls: readonly string[];
  /** Every service's own ways to Redis and Postgres, where the stack was started with `proxies`. */
  readonly proxies: StackProxies;
  /** What a service or a script beside it gets as its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** The processes that run now. */
  parts(): RunningPart[];
  /** SIGKILL unless told otherwise; it stays down until `restartPart`. Answers when it has ended. */
  kill(name: string, signal?: NodeJS.Signals): Promise<ProcessExit | undefined>;
  /** SIGSTOP. */
  freeze(name: string): void;
  resume(name: string): void;
  /**
   * Stops it if it runs; answers when it is ready again, on the same port.
   *
   * @param env further variables of a service, until it is restarted with others
   */
  restartPart(name: string, env?: Readonly<Record<string, string>>): Promise<void>;
  /**
   * Starts or ends (in good order) processes of a service until there are `count`. A gateway learns the notification
   * nodes at its start, so new ones take the addresses that `spareNotifiers` has reserved.
   */
  scale(program: ScalableService, count: number): Promise<void>;
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
  const { workers = 1, notifiers = 1, gateways = 1, auths = 1, caches = 1, onProgress } = options;
  const counts = { workers, notifiers, gateways, auths, caches, spareNotifiers: options.spareNotifiers ?? 0 };
  const plan = await planServices(options.services ?? productServices, counts, options.gatewayPort);
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
  const env = createServiceEnvironment(plan.services, {
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
  const proxies = createProxyTable(options.proxies ?? false);
  const stackFile = findStackFile(options.dataDir);
  const fleet = createServiceFleet(parts, { plan, env, proxies, stackFile, onLog: options.onLog ?? noop });
  await fleet.startPlanned();
  onProgress(`${plan.services.filter(({ isSpare }) => !isSpare).length} services ready`);
  return createHandle(parts, { fleet, proxies, servers, env });
}

interface HandleDetails {
  readonly fleet: ServiceFleet;
  readonly proxies: ProxyTable;
  readonly servers: StackServers;
  readonly env: Readonly<Record<string, string>>;
}

function createHandle(parts: StackParts, { fleet, proxies, servers, env }: HandleDetails): Stack {
  return {
    ...servers,
    get url() {
      return fleet.gatewayUrls()[0] ?? "";
    },
    get urls() {
      return fleet.gatewayUrls();
    },
    env,
    proxies,
    parts: () => parts.list(),
    kill: (name, signal) => parts.read(name).kill(signal),
    freeze: (name) => {
      parts.read(name).freeze();
    },
    resume: (name) => {
      parts.read(name).resume();
    },
    restartPart(name, further = {}) {
      fleet.setEnvironment(name, further);
      return parts.read(name).restart();
    },
    scale: (program, count) => fleet.scale(program, count),
    async stop() {
      await parts.stop();
      await proxies.close();
    },
    async killAll() {
      await parts.kill();
      await proxies.close();
    },
  };
}

const productMigration = "packages/database/dist/migrate-cli.js";

function noop(): void {
  // Nobody listens.
}
