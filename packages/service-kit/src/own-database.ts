import type { Health } from "./health";
import type { Lifecycle } from "./lifecycle";

/** What is needed of database's `Database`. */
export interface OwnableDatabase {
  isReachable(): boolean;
  close(): Promise<unknown>;
}

/** Closes the database at the end, and shows it as `database` in `/readyz`. */
export function ownDatabase<D extends OwnableDatabase>(
  database: D,
  owners: { lifecycle: Lifecycle; health: Health },
): D {
  owners.health.addCheck("database", () =>
    database.isReachable() ? { state: "ok" } : { state: "down", reason: "can't be reached" },
  );
  return owners.lifecycle.own("database", database, (open) => open.close());
}
