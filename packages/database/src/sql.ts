import type { EntityManager } from "typeorm";

/**
 * Where statements run: the pool, or one transaction. Repositories take either, so that several of them can
 * share a transaction: `database.transaction((tx) => createUsers(tx).disable(id))`.
 *
 * Every method rejects with DatabaseUnavailable when Postgres can't be reached or doesn't answer in time.
 */
export interface Sql {
  /** Runs one statement; the rows it returns. */
  query<Row>(statement: string, parameters?: readonly unknown[]): Promise<Row[]>;
  /** Commits when `work` resolves, rolls back when it rejects. Inside a transaction it joins that one. */
  transaction<T>(work: (tx: Sql) => Promise<T>): Promise<T>;
  /** TypeORM's manager, for single-table reads and writes. */
  entities<T>(work: (manager: EntityManager) => Promise<T>): Promise<T>;
}
