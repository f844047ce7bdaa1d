import type { CheckResult, Health } from "./health";
import type { Lifecycle } from "./lifecycle";

/** What is needed of redis-kit's `RedisRole`. */
export interface OwnableRole {
  readonly role: string;
  readonly health: {
    status(): { readonly mode: "normal" | "degraded" | "recovering"; readonly reason?: string };
  };
  close(): Promise<unknown>;
}

/** Closes the role at the end, and shows it as `redis-state` or `redis-cache` in `/readyz`. */
export function ownRole<R extends OwnableRole>(role: R, owners: { lifecycle: Lifecycle; health: Health }): R {
  const name = `redis-${role.role}`;
  owners.health.addCheck(name, () => checkRole(role));
  return owners.lifecycle.own(name, role, (open) => open.close());
}

function checkRole({ health }: OwnableRole): CheckResult {
  const { mode, reason = "unreachable" } = health.status();
  if (mode === "normal") return { state: "ok" };
  return { state: mode === "degraded" ? "down" : "degraded", reason: `${mode}: ${reason}` };
}
