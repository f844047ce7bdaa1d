import type { PoolClient } from "pg";
import type { DataSource, QueryRunner } from "typeorm";
import { DatabaseUnavailable } from "./errors";
import { mapFault } from "./map-fault";
import type { Reachability } from "./reachability";
import type { Sql } from "./sql";

export interface StatementsOptions {
  readonly dataSource: DataSource;
  readonly reachability: Reachability;
  /** Milliseconds for everything that one call does. */
  readonly timeoutMs: number;
}

/** Runs statements on the pool: each call within one deadline, every fault mapped, no broken connection kept. */
export function createStatements(options: StatementsOptions): Sql {
  const run = createRunner(options);
  return {
    query: (statement, parameters) => run((runner) => runStatement(runner, statement, parameters)),
    entities: (work) => run((runner) => work(runner.manager)),
    transaction: (work) =>
      run(async (runner) => {
        await runner.startTransaction();
        try {
          const result = await work(createTransactionSql(runner));
          await runner.commitTransaction();
          return result;
        } catch (error) {
          // Whatever rolling back meets, the first error is the news; a lost connection rolls back anyway.
          if (!runner.isReleased) await runner.rollbackTransaction().catch(() => undefined);
          throw error;
        }
      }),
  };
}

function createTransactionSql(runner: QueryRunner): Sql {
  const sql: Sql = {
    query: (statement, parameters) => mapped(runStatement(runner, statement, parameters)),
    entities: (work) => mapped(work(runner.manager)),
    transaction: (work) => work(sql),
  };
  return sql;
}

async function mapped<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw mapFault(error).error;
  }
}

async function runStatement<Row>(
  runner: QueryRunner,
  statement: string,
  parameters: readonly unknown[] = [],
): Promise<Row[]> {
  const result = await runner.query(statement, [...parameters], true);
  return result.records as Row[];
}

function createRunner({ dataSource, reachability, timeoutMs }: StatementsOptions) {
  const initialize = createInitialize(dataSource);
  return async function run<T>(work: (runner: QueryRunner) => Promise<T>): Promise<T> {
    const deadline = createDeadline(timeoutMs);
    let runner: QueryRunner | undefined;
    const running = (async () => {
      await initialize();
      runner = dataSource.createQueryRunner();
      if (deadline.isOver()) throw deadline.fault();
      return work(runner);
    })();
    try {
      const result = await Promise.race([running, deadline.over]);
      await runner?.release();
      reachability.succeeded();
      return result;
    } catch (error) {
      const fault = mapFault(error);
      const isLost = fault.isLost || deadline.isOver();
      if (isLost) reachability.lost();
      else if (!(fault.error instanceof DatabaseUnavailable)) reachability.succeeded();
      if (isLost && runner !== undefined) breakConnection(runner, fault.error);
      else await runner?.release();
      throw fault.error;
    } finally {
      deadline.clear();
      running.catch(() => undefined);
    }
  };
}

/** Connects TypeORM once; as long as that fails, every caller's try is shared by those who come meanwhile. */
function createInitialize(dataSource: DataSource): () => Promise<void> {
  let trying: Promise<void> | undefined;
  return async () => {
    if (dataSource.isInitialized) return;
    trying ??= dataSource
      .initialize()
      .then(() => undefined)
      .finally(() => {
        trying = undefined;
      });
    await trying;
  };
}

/** Takes a connection out of the pool whose state is unknown: TypeORM does so on the client's `error`. */
function breakConnection(runner: QueryRunner, fault: unknown): void {
  if (runner.isReleased) return;
  runner.connect().then(
    (client: PoolClient) => {
      if (!runner.isReleased) client.emit("error", fault);
    },
    () => runner.release(),
  );
}

function createDeadline(timeoutMs: number) {
  let over = false;
  let timer: NodeJS.Timeout | undefined;
  const fault = () => new DatabaseUnavailable(`Postgres did not answer within ${timeoutMs} ms`);
  const promise = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      over = true;
      reject(fault());
    }, timeoutMs);
  });
  promise.catch(() => undefined);
  return {
    over: promise,
    isOver: () => over,
    fault,
    clear: () => {
      clearTimeout(timer);
    },
  };
}
