import type { RedisRoleView } from "@vibe-friend/contracts/redis-admin";
import type { SystemMode } from "@vibe-friend/contracts/system-status";
import type { RedisRole } from "@vibe-friend/redis-kit/connection/redis-role";
import { inspectRole } from "@vibe-friend/redis-kit/inspect/inspect-role";
import { saveInBackground } from "@vibe-friend/redis-kit/inspect/save-in-background";
import type { RedisKeys } from "@vibe-friend/redis-kit/keys";
import { redisMetrics } from "@vibe-friend/redis-kit/metrics";
import type { Metrics } from "@vibe-friend/service-kit/metrics";
import { ProblemError } from "@vibe-friend/service-kit/problem-error";
import type { RedisServers } from "../domain/ports";
import { describeNodes } from "./describe-nodes";

export interface RedisServersOptions {
  readonly roles: { readonly state: RedisRole; readonly cache: RedisRole };
  readonly keys: RedisKeys;
  readonly metrics: Metrics;
}

/** Milliseconds for all that is asked of one role. */
const DEADLINE_MS = 1500;

const worst: readonly SystemMode[] = ["degraded", "recovering", "normal"];

/** Both roles through redis-kit's inspection, which has connections of its own and keeps its deadline. */
export function createRedisServers({ roles, keys, ...own }: RedisServersOptions): RedisServers {
  const metrics = own.metrics.reporterFor(redisMetrics);

  async function describe(role: RedisRole): Promise<RedisRoleView> {
    const { status, history, nodes, fault } = await inspectRole(role, {
      keys,
      metrics,
      deadlineMs: DEADLINE_MS,
    });
    const described = describeNodes(nodes);
    return {
      role: role.role,
      mode: status.mode,
      since: status.since.toISOString(),
      reason: status.reason ?? null,
      ...described,
      notSeen: fault === undefined ? described.notSeen : [{ part: "server", reason: fault.message }],
      history: [...history].reverse().map(({ from, to, reason }) => ({
        from: from.toISOString(),
        to: to?.toISOString() ?? null,
        reason,
      })),
    };
  }

  return {
    mode() {
      const modes = [roles.state, roles.cache].map(({ health }) => health.status().mode);
      return worst.find((mode) => modes.includes(mode)) ?? "normal";
    },
    describe: () => Promise.all([describe(roles.state), describe(roles.cache)]),
    async save(name) {
      const answer = await saveInBackground(roles[name]);
      if (answer.kind === "started") return;
      if (answer.kind === "unavailable") {
        throw new ProblemError("unavailable", {
          detail: `The ${name} role's Redis can't be asked: ${answer.fault.code}`,
          cause: answer.fault,
        });
      }
      throw new ProblemError("redis_refused", { detail: answer.text });
    },
  };
}
