import { importPeer } from "../../peers/import-peer";
import { databasePoolSize, sessionTtlMs } from "./session-contestant";
import type { SessionSetup } from "./session-contestant";

/** What express-session keeps. */
export interface ExpressSessionData {
  readonly cookie: { readonly originalMaxAge: number; readonly expires: string; readonly httpOnly: boolean };
  readonly userId: string;
  readonly id: string;
  readonly userAgent: string;
  readonly ip: string;
  readonly createdAt: number;
}

/** The part of express-session's store interface that a request uses. */
export interface ExpressStore {
  get(id: string, done: (error: unknown, data?: ExpressSessionData | null) => void): unknown;
  set(id: string, data: ExpressSessionData, done: (error?: unknown) => void): unknown;
  touch(id: string, data: ExpressSessionData, done: (error?: unknown) => void): unknown;
}

export interface OpenExpressStore {
  readonly store: ExpressStore;
  close(): Promise<unknown>;
}

interface NodeRedisClient {
  on(event: "error", listener: () => void): void;
  connect(): Promise<unknown>;
  destroy(): void;
}

/** connect-redis on node-redis, the only client it takes. */
export async function openConnectRedis(setup: SessionSetup): Promise<OpenExpressStore> {
  const { createClient } = (await importPeer(setup.peerDirectory, "redis")) as {
    createClient: (options: unknown) => NodeRedisClient;
  };
  const { RedisStore } = (await importPeer(setup.peerDirectory, "connect-redis")) as {
    RedisStore: new (options: unknown) => ExpressStore;
  };
  const client = createClient({ url: setup.redisUrl });
  client.on("error", () => {
    // Commands tell of it themselves.
  });
  await client.connect();
  const store = new RedisStore({ client, ttl: sessionTtlMs / 1000 });
  return {
    store,
    close() {
      client.destroy();
      return Promise.resolve();
    },
  };
}

interface PgModule {
  readonly Pool: new (options: unknown) => { end(): Promise<void> };
}

/** connect-pg-simple with a pool as large as ours; it makes its own table. */
export async function openConnectPgSimple(setup: SessionSetup): Promise<OpenExpressStore> {
  const { peerDirectory } = setup;
  const [session, connectPg, pg] = (await Promise.all([
    importDefault(peerDirectory, "express-session"),
    importDefault(peerDirectory, "connect-pg-simple"),
    importDefault(peerDirectory, "pg"),
  ])) as [unknown, (session: unknown) => new (options: unknown) => ExpressStore & Closing, PgModule];
  const pool = new pg.Pool({ connectionString: setup.databaseUrl, max: databasePoolSize });
  const Store = connectPg(session);
  const store = new Store({
    pool,
    createTableIfMissing: true,
    ttl: sessionTtlMs / 1000,
    pruneSessionInterval: false,
  });
  return {
    store,
    async close() {
      store.close();
      await pool.end();
    },
  };
}

interface Closing {
  close(): void;
}

export async function importDefault(directory: string, name: string): Promise<unknown> {
  return ((await importPeer(directory, name)) as { default: unknown }).default;
}
