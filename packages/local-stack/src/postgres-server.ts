import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { findFreePort } from "./free-port";
import { OwnedProcess, type ProcessExit } from "./owned-process";
import type { PostgresBinaryOptions } from "./postgres-binary";
import { databaseUser, prepareCluster, type PostgresCluster } from "./postgres-cluster";
import { listChildProcesses, type ProcessIdentity } from "./process-identity";
import { endOrphans } from "./process-ledger";
import { createTemporaryDirectory } from "./temporary-directory";
import { findUnprivilegedUser, type UnprivilegedUser } from "./unprivileged-user";

export interface PostgresOptions extends PostgresBinaryOptions {
  /** Where its data stays (default: a temporary folder, gone after `stop`). */
  readonly dataDir?: string | undefined;
  readonly port?: number | undefined;
  /** Further settings, as `["max_connections=20"]`; they win over the defaults. */
  readonly settings?: readonly string[] | undefined;
  /** How root steps down (default: what works). */
  readonly runAs?: UnprivilegedUser["way"] | undefined;
  /** Told of every end of the process, wanted or not. */
  readonly onExit?: ((exit: ProcessExit, wanted: boolean) => void) | undefined;
  /** Who answers for it (default: this process). When the owner dies, the server is ended. */
  readonly owner?: ProcessIdentity | undefined;
  /** Nobody will miss the data after a power failure (default: when the folder is temporary). */
  readonly isTemporary?: boolean | undefined;
  /** A folder that is of no use once the owner has died (default: the temporary one). */
  readonly removePath?: string | undefined;
}

/** A private Postgres on loopback, with durable settings and a password of its own. */
export interface PostgresServer {
  /** As its superuser, in the database `postgres`. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly password: string;
  readonly version: string;
  readonly source: "system" | "embedded";
  /** Undefined while it doesn't run. */
  readonly pid: number | undefined;
  /** @returns the URL of this database; it is made when it isn't there yet */
  createDatabase(name: string): Promise<string>;
  /** SIGKILL (a crash) unless told otherwise. Its port and data stay; `restart` brings it back. */
  kill(signal?: NodeJS.Signals): Promise<ProcessExit | undefined>;
  /** SIGSTOP, every connection's process included: connections stay open and nothing answers. */
  freeze(): void;
  resume(): void;
  /** Starts it again on the same port and data. */
  restart(): Promise<void>;
  /** Ends it in good order and removes its folder if that was a temporary one. */
  stop(): Promise<void>;
}

const host = "127.0.0.1";
const attempts = 5;

/**
 * Starts a private Postgres of at least version 15. Root steps down, since Postgres refuses to run as root.
 *
 * @throws {Error} saying what to do when there is no Postgres to be had, or with its last lines when it doesn't come up
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  endOrphans();
  const user = findUnprivilegedUser(options.runAs);
  const dataDir = options.dataDir ?? createTemporaryDirectory("postgres");
  const isTemporary = options.isTemporary ?? options.dataDir === undefined;
  const cluster = await prepareCluster(user, dataDir, { sources: options.sources, isTemporary });
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await findFreePort());
    const server = createProcess(user, { cluster, dataDir, port }, options);
    try {
      await server.start();
      return createHandle(server, { cluster, dataDir, port }, () => {
        if (options.dataDir === undefined) removePostgresData(dataDir, options.runAs);
      });
    } catch (error) {
      const portTaken = options.port === undefined && String(error).includes("Address already in use");
      if (!portTaken || attempt === attempts) throw error;
    }
  }
}

/** Forgets everything a Postgres kept for this folder, also where it had to keep it elsewhere. */
export function removePostgresData(dataDir: string, runAs?: UnprivilegedUser["way"]): void {
  const place = findUnprivilegedUser(runAs).placeDirectory(dataDir);
  for (const directory of [place, dataDir]) rmSync(directory, { recursive: true, force: true });
}

interface Placement {
  readonly cluster: PostgresCluster;
  readonly dataDir: string;
  readonly port: number;
}

function createProcess(user: UnprivilegedUser, placement: Placement, options: PostgresOptions): OwnedProcess {
  const { cluster, dataDir, port } = placement;
  const settings = [
    `listen_addresses=${host}`,
    `port=${port}`,
    "unix_socket_directories=",
    "max_connections=300",
    "fsync=on",
    "synchronous_commit=on",
    "full_page_writes=on",
    "max_wal_size=512MB",
    "jit=off",
    "timezone=UTC",
    "log_timezone=UTC",
    ...(options.settings ?? []),
  ];
  const { command, args } = user.wrap(join(cluster.binaries.directory, "postgres"), [
    "-D",
    cluster.directory,
    ...settings.flatMap((setting) => ["-c", setting]),
  ]);
  const url = formatUrl(placement, "postgres");
  return new OwnedProcess({
    label: "postgres",
    command,
    args,
    env: process.env,
    cwd: "/",
    output: join(dataDir, "postgres.log"),
    stopSignal: "SIGINT",
    stopTimeoutMs: 20_000,
    readyTimeoutMs: 60_000,
    isReady: () => isPostgresReady(url),
    onExit: options.onExit,
    owner: options.owner,
    removePath: options.removePath ?? (options.dataDir === undefined ? dataDir : undefined),
    findChildren: listChildProcesses,
  });
}

function createHandle(server: OwnedProcess, placement: Placement, cleanUp: () => void): PostgresServer {
  const { cluster, port } = placement;
  return {
    url: formatUrl(placement, "postgres"),
    host,
    port,
    password: cluster.password,
    version: String(cluster.binaries.major),
    source: cluster.binaries.source,
    get pid() {
      return server.pid;
    },
    createDatabase: async (name) => {
      await createDatabase(formatUrl(placement, "postgres"), name);
      return formatUrl(placement, name);
    },
    kill: (signal) => server.kill(signal),
    freeze: () => {
      server.freeze();
    },
    resume: () => {
      server.resume();
    },
    restart: () => restartAfterCrash(server),
    stop: async () => {
      await server.stop();
      cleanUp();
    },
  };
}

function formatUrl({ cluster, port }: Placement, database: string): string {
  return `postgres://${databaseUser}:${cluster.password}@${host}:${port}/${database}`;
}

/** The processes of a killed server hold its memory for a moment; until they have seen its death it won't start. */
async function restartAfterCrash(server: OwnedProcess): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    try {
      await server.restart();
      return;
    } catch (error) {
      const isHeld = /still in use|lock file .* already exists/.test(String(error));
      if (!isHeld || Date.now() > deadline) throw error;
      await sleep(50);
    }
  }
}

async function isPostgresReady(url: string): Promise<boolean> {
  return withClient(url, async (client) => {
    await client.query("select 1");
    return true;
  });
}

/** Makes a database unless it is there already. */
export async function createDatabase(adminUrl: string, name: string): Promise<void> {
  await withClient(adminUrl, async (client) => {
    const { rowCount } = await client.query("select 1 from pg_database where datname = $1", [name]);
    if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`);
  });
}

/** Drops a database and whoever is still connected to it. */
export async function dropDatabase(adminUrl: string, name: string): Promise<void> {
  await withClient(adminUrl, async (client) => {
    await client.query(`drop database if exists ${client.escapeIdentifier(name)} with (force)`);
  });
}

async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on("error", () => {
    // The server went away; the query in hand says so.
  });
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
