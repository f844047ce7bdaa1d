import type { SessionTruth } from "@vibe-friend/redis-kit/sessions/session-truth";
import type { Sql } from "../sql";

/** Sessions as Postgres knows them; limits are judged on the database's clock. */
export function createSessionTruth(sql: Sql): SessionTruth {
  throw new Error(`not yet ${typeof sql}`);
}
