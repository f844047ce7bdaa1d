import type { KitMetrics } from "../metrics";
import type { Breaker } from "./breaker";
import type { RoleHealth, RoleMode } from "./health";

const modes: readonly RoleMode[] = ["normal", "degraded", "recovering"];

/** Shows a role's mode and its breaker, now and at every change, and counts the changes. */
export function reportHealth(
  role: string,
  { health, breaker }: { readonly health: RoleHealth; readonly breaker: Breaker },
  metrics: KitMetrics,
): void {
  const showMode = (current: RoleMode) => {
    for (const mode of modes) metrics.set("redis_role_mode", { role, mode }, mode === current ? 1 : 0);
  };
  showMode(health.status().mode);
  metrics.set("redis_breaker_open", { role }, 0);
  health.onChange(({ mode, reason = "none" }) => {
    showMode(mode);
    metrics.count("redis_role_transitions_total", { role, mode, reason });
  });
  breaker.onOpen(({ code }) => {
    metrics.set("redis_breaker_open", { role }, 1);
    metrics.count("redis_breaker_opened_total", { role, reason: code });
  });
  breaker.onClose(() => {
    metrics.set("redis_breaker_open", { role }, 0);
  });
}
