import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findFreePort } from "./free-port";
import { OwnedProcess, type ProcessExit } from "./owned-process";
import type { ProcessIdentity } from "./process-identity";
import { endOrphans } from "./process-ledger";
import { findRedisBinary, type RedisBinaryOptions } from "./redis-binary";
import { isRedisReady } from "./redis-probe";
import { createTemporaryDirectory } from "./temporary-directory";

export interface RedisOptions extends RedisBinaryOptions {
  /** Where its data stays (default: a temporary folder, gone after `stop`). */
  readonly dataDir?: string | undefined;
  readonly port?: number | undefined;
  /** Letters and digits (default: a random one); "" for none. */
  readonly password?: string | undefined;
  /** Further settings on the command line, as `["--maxmemory", "5mb"]`; they win over the defaults. */
  readonly args?: readonly string[] | undefined;
  /** Told of every end of the process, wanted or not. */
  readonly onExit?: ((exit: ProcessExit, wanted: boolean) => void) | undefined;
  /** Who answers for it (default: this process). When the owner dies, the server is ended. */
  readonly owner?: ProcessIdentity | undefined;
}

/** A private Redis on loopback with the settings of the state role: append-only file, no eviction. */
export interface RedisServer {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly password: string;
  readonly version: string;
  /** Undefined while it doesn't run. */
  readonly pid: number | undefined;
  /** SIGKILL unless told otherwise. Its port and data stay; `restart` brings it back. */
  kill(signal?: NodeJS.Signals): Promise<ProcessExit | undefined>;
  /** SIGSTOP: connections stay open and nothing answers. */
  freeze(): void;
  resume(): void;
  /** Starts it again on the same port with what its append-only file holds. */
  restart(): Promise<void>;
  /** Ends it in good order and removes its folder if that was a temporary one. */
  stop(): Promise<void>;
}

const host = "127.0.0.1";
const attempts = 5;

/**
 * Starts a private Redis.
 *
 * @returns undefined when no server of at least 7.0 is at hand and none can be unpacked: go on without
 * @throws {Error} with the server's last lines when it doesn't come up
 */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer | undefined> {
  const binary = await findRedisBinary(options);
  if (binary === undefined) return undefined;
  endOrphans();
  const dataDir = options.dataDir ?? createTemporaryDirectory("redis");
  const password = options.password ?? randomBytes(24).toString("hex");
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await findFreePort());
    const server = new OwnedProcess({
      label: "redis",
      command: binary.path,
      args: [writeConfig({ dataDir, port, password }), ...(options.args ?? [])],
      env: { ...process.env, ...binary.env },
      cwd: dataDir,
      output: join(dataDir, "redis.log"),
      stopSignal: "SIGTERM",
      stopTimeoutMs: 10_000,
      readyTimeoutMs: 30_000,
      isReady: () => isRedisReady(port, password),
      onExit: options.onExit,
      owner: options.owner,
      removePath: options.dataDir === undefined ? dataDir : undefined,
    });
    try {
      await server.start();
      return createHandle(server, { dataDir, port, password, version: binary.version, options });
    } catch (error) {
      const portTaken = options.port === undefined && String(error).includes("Address already in use");
      if (!portTaken || attempt === attempts) throw error;
    }
  }
}

interface HandleDetails {
  readonly dataDir: string;
  readonly port: number;
  readonly password: string;
  readonly version: string;
  readonly options: RedisOptions;
}

function createHandle(server: OwnedProcess, details: HandleDetails): RedisServer {
  const { dataDir, port, password, version, options } = details;
  return {
    url: `redis://${password === "" ? "" : `:${password}@`}${host}:${port}`,
    host,
    port,
    password,
    version,
    get pid() {
      return server.pid;
    },
    kill: (signal) => server.kill(signal),
    freeze: () => {
      server.freeze();
    },
    resume: () => {
      server.resume();
    },
    restart: () => server.restart(),
    stop: async () => {
      await server.stop();
      if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** In a file that only its owner reads: a command line is open to everybody on the machine. */
function writeConfig(settings: { dataDir: string; port: number; password: string }): string {
  const path = join(settings.dataDir, "redis.conf");
  const lines = [
    `bind ${host}`,
    `port ${settings.port}`,
    "protected-mode yes",
    ...(settings.password === "" ? [] : [`requirepass ${settings.password}`]),
    `dir "${settings.dataDir}"`,
    "daemonize no",
    "databases 16",
    "appendonly yes",
    "appendfsync everysec",
    'save ""',
    "maxmemory-policy noeviction",
  ];
  writeFileSync(path, `${lines.join("\n")}\n`, { mode: 0o600 });
  return path;
}
