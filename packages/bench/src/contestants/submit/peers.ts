import { randomUUID } from "node:crypto";
import { connectDatabase } from "@vibe-friend/database/data-source";
import { importPeer } from "../../peers/import-peer";
import { databasePoolSize } from "./submit-contestant";
import type { OpenSubmit, SubmitContestant } from "./submit-contestant";

/** Others' jobs hold no more than ours: an id. */
function makeJob(): { generationId: string } {
  return { generationId: randomUUID() };
}

const nothing = (): Promise<void> => Promise.resolve();

interface BullQueue {
  add(name: string, data: object): Promise<unknown>;
  getWaitingCount(): Promise<number>;
  on(event: "error", listener: () => void): unknown;
  close(): Promise<void>;
}

/** Redis alone: a job that is lost when Redis is. */
export const openBullmq: OpenSubmit = async ({ peerDirectory, redisUrl }) => {
  const { Queue } = (await importPeer(peerDirectory, "bullmq")) as {
    Queue: new (name: string, options: unknown) => BullQueue;
  };
  const { hostname: host, port, password } = new URL(redisUrl);
  const queue = new Queue("generation", { connection: { host, port: Number(port), password } });
  queue.on("error", () => {
    // Adding tells of it.
  });
  return {
    submit: async () => {
      await queue.add("generate", makeJob());
    },
    settled: nothing,
    count: async () => ({ jobs: await queue.getWaitingCount() }),
    countRows: () => Promise.resolve(undefined),
    clear: nothing,
    close: () => Promise.race([queue.close(), new Promise((resolve) => setTimeout(resolve, 500))]),
  };
};

interface PgBoss {
  on(event: "error", listener: () => void): unknown;
  start(): Promise<unknown>;
  createQueue(name: string): Promise<unknown>;
  send(name: string, data: object): Promise<string | null>;
  stop(options: unknown): Promise<void>;
}

export const openPgBoss: OpenSubmit = async ({ peerDirectory, databaseUrl }) => {
  const { default: Boss } = (await importPeer(peerDirectory, "pg-boss")) as {
    default: new (options: unknown) => PgBoss;
  };
  const boss = new Boss({ connectionString: databaseUrl, max: databasePoolSize });
  boss.on("error", () => {
    // Sending tells of it.
  });
  await boss.start();
  await boss.createQueue("generation");
  const table = await openTable(databaseUrl, "pgboss.job");
  return {
    ...table,
    async submit() {
      if ((await boss.send("generation", makeJob())) === null) throw new Error("pg-boss took no job");
    },
    async close() {
      await boss.stop({ graceful: false, wait: false });
      await table.close();
    },
  };
};

interface WorkerUtils {
  migrate(): Promise<void>;
  addJob(name: string, payload: object): Promise<unknown>;
  release(): Promise<void>;
}

export const openGraphileWorker: OpenSubmit = async ({ peerDirectory, databaseUrl }) => {
  const { makeWorkerUtils } = (await importPeer(peerDirectory, "graphile-worker")) as {
    makeWorkerUtils: (options: unknown) => Promise<WorkerUtils>;
  };
  const worker = await makeWorkerUtils({ connectionString: databaseUrl, maxPoolSize: databasePoolSize });
  await worker.migrate();
  const table = await openTable(databaseUrl, "graphile_worker._private_jobs");
  return {
    ...table,
    async submit() {
      await worker.addJob("generate", makeJob());
    },
    async close() {
      await worker.release();
      await table.close();
    },
  };
};

/** What any durable way costs at least: one row, committed. */
export const openInsert: OpenSubmit = async ({ databaseUrl }) => {
  const url = databaseUrl;
  const database = await connectDatabase({
    url,
    applicationName: "bench",
    poolSize: databasePoolSize,
    waitForMs: 10_000,
  });
  await database.query("create table bench_jobs (id uuid primary key, data jsonb not null)");
  const table = await openTable(url, "bench_jobs");
  return {
    ...table,
    async submit() {
      const job = makeJob();
      await database.query("insert into bench_jobs (id, data) values ($1, $2)", [job.generationId, job]);
    },
    async close() {
      await table.close();
      await database.close();
    },
  };
};

async function openTable(url: string, name: string): Promise<Omit<SubmitContestant, "submit">> {
  const database = await connectDatabase({ url, applicationName: "bench", waitForMs: 10_000 });

  async function countRows(): Promise<number> {
    const [row] = await database.query<{ rows: number }>(`select count(*)::int as rows from ${name}`);
    return row?.rows ?? 0;
  }

  return {
    settled: nothing,
    countRows,
    count: async () => ({ rows: await countRows() }),
    clear: nothing,
    close: () => database.close(),
  };
}
