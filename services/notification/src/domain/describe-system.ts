import type { SystemMode, SystemStatus } from "@vibe-friend/contracts/system-status";
import type { RoleView } from "./ports";

const severity: Record<SystemMode, number> = { normal: 0, recovering: 1, degraded: 2 };

/** How this process is doing: the worse of both roles, since when it has been so. */
export function describeSystem(roles: { readonly state: RoleView; readonly cache: RoleView }): SystemStatus {
  const state = roles.state.status();
  const cache = roles.cache.status();
  const mode = severity[state.mode] >= severity[cache.mode] ? state.mode : cache.mode;
  const times = [state, cache].filter((role) => role.mode === mode).map((role) => role.since.getTime());
  // All is well only since the last role is well; it is bad from the first one on.
  const since = mode === "normal" ? Math.max(...times) : Math.min(...times);
  return { mode, since: new Date(since).toISOString(), roles: { state: state.mode, cache: cache.mode } };
}
