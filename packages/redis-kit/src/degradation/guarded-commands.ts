import type { RedisCommands } from "../connection/redis-commands";
import { RedisFault, toRedisFault } from "../errors";
import type { RedisFaultCode } from "../errors";
import type { KitLogger } from "../logger";
import type { KitMetrics } from "../metrics";
import type { Guarded } from "../outcome";
import type { Breaker } from "./breaker";
import { currentRedisBudget } from "./budget";
import type { RedisBudget } from "./budget";
import { withDeadline } from "./deadline";
import { defaultDeadlineMs } from "./guard";
import type { Guard, GuardedOperation } from "./guard";
import type { HealthMonitor } from "./health-monitor";
import { logOperation } from "./operation-log";

/** Replies after which the role as a whole is no use, though the server answers. */
const degrading: ReadonlySet<RedisFaultCode> = new Set<RedisFaultCode>(["read-only", "out-of-memory"]);

/** What a guard is made of. */
export interface GuardOptions {
  /** for the figures */
  readonly role: string;
  readonly commands: RedisCommands;
  readonly breaker: Breaker;
  readonly health: HealthMonitor;
  readonly logger: KitLogger;
  readonly metrics: KitMetrics;
}

/**
 * Deadline, budget, breaker and operation log around a role's commands. While the breaker is open every call is
 * answered at once; when it opens, the calls that still wait are answered too, as timed out.
 */
export function createGuard(options: GuardOptions): Guard {
  const { role, commands, breaker, health, logger, metrics } = options;
  const waiting = new Set<(fault: RedisFault) => void>();
  breaker.onOpen((fault) => {
    health.reportFault(fault);
    for (const giveUp of waiting)
      giveUp(new RedisFault("timeout", "given up: the breaker opened", { cause: fault }));
  });

  function ask<T>(command: (commands: RedisCommands) => Promise<T>, deadlineMs: number): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      waiting.add(reject);
      withDeadline(callSafely(command, commands), deadlineMs)
        .then(resolve, reject)
        .finally(() => waiting.delete(reject));
    });
  }

  return {
    async run(operation, key, command) {
      const { name, deadlineMs = defaultDeadlineMs }: GuardedOperation =
        typeof operation === "string" ? { name: operation } : operation;
      const budget = currentRedisBudget();
      const startedAt = performance.now();
      const answer = await settle(async () => {
        if (refusesAll(health))
          throw new RedisFault(health.status().reason ?? "policy", "the server is set up wrongly");
        if (!breaker.isClosed()) throw new RedisFault("breaker-open", "not asked: the last answers failed");
        return withinBudget(budget, deadlineMs, () => breaker.call(() => ask(command, deadlineMs)));
      });
      const known = health.status().mode !== "normal" || budget?.leftMs() === 0;
      const fault = answer.kind === "ok" ? undefined : answer.fault;
      if (fault !== undefined && degrading.has(fault.code)) health.reportFault(fault);
      const done = { operation: name, key, durationMs: performance.now() - startedAt };
      const labels = { role, operation: name, outcome: fault?.code ?? "ok" };
      metrics.observe("redis_operation_duration_seconds", labels, done.durationMs / 1000);
      logOperation(logger, fault === undefined ? done : { ...done, fault }, known);
      return answer;
    },
  };
}

/** The breaker goes on counting by the operation's own deadline: being short of time says nothing about Redis. */
async function withinBudget<T>(
  budget: RedisBudget | undefined,
  deadlineMs: number,
  call: () => Promise<T>,
): Promise<T> {
  if (budget === undefined) return call();
  const leftMs = budget.leftMs();
  if (leftMs === 0)
    throw new RedisFault("timeout", "not asked: the request has waited for Redis long enough");
  const end = budget.begin();
  try {
    return await (leftMs < deadlineMs ? withDeadline(call(), leftMs) : call());
  } finally {
    end();
  }
}

/** With a wrong DB index the client would write into DB 0, and an evicting server would lose what it takes. */
function refusesAll(health: HealthMonitor): boolean {
  const { mode, reason } = health.status();
  return mode === "degraded" && (reason === "wrong-database" || reason === "policy");
}

/** Turns a command that throws instead of rejecting into one that rejects. */
async function callSafely<T>(
  command: (commands: RedisCommands) => Promise<T>,
  commands: RedisCommands,
): Promise<T> {
  return command(commands);
}

async function settle<T>(work: () => Promise<T>): Promise<Guarded<T>> {
  try {
    return { kind: "ok", value: await work() };
  } catch (error) {
    return { kind: "unavailable", fault: toRedisFault(error) };
  }
}
