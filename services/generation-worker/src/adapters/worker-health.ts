import type { Database } from "@vibe-friend/database/data-source";
import type { RedisRole } from "@vibe-friend/redis-kit/connection/redis-role";
import type { Health } from "@vibe-friend/service-kit/health";

export interface WorkerHealthOptions {
  readonly health: Health;
  readonly database: Pick<Database, "isReachable">;
  readonly role: Pick<RedisRole, "health">;
  /** Why it takes no work though it could. */
  readonly findStall: () => string | undefined;
}

/** Unready without Postgres, degraded without Redis, not alive when it has stopped asking for work. */
export function addWorkerHealth({ health, database, role, findStall }: WorkerHealthOptions): void {
  health.addCheck("postgres", () =>
    database.isReachable() ? { state: "ok" } : { state: "down", reason: "Postgres can't be reached" },
  );
  health.addCheck("redis", () => {
    const { mode, reason = mode } = role.health.status();
    return mode === "normal" ? { state: "ok" } : { state: "degraded", reason };
  });
  health.addCheck("work", () => {
    const reason = findStall();
    return reason === undefined ? { state: "ok" } : { state: "degraded", reason };
  });
  health.stalledWhen(findStall);
  health.unreadyWhen((down) => down.has("postgres"));
}
