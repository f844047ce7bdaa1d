import type { Clock } from "../clock";
import type { RedisFault } from "../errors";
import type { KitLogger } from "../logger";
import { withoutRedisBudget } from "./budget";
import type { DegradedPeriod, RoleHealth, RoleStatus } from "./health";

const historyLength = 50;

/** A role's health, and the two words that move it. */
export interface HealthMonitor extends RoleHealth {
  /** Something failed that makes the role unusable. */
  reportFault(fault: RedisFault): void;
  /** The server was found well. The role is normal again when it has been well for the settling time. */
  reportWell(): void;
}

/** What a health monitor is made of. */
export interface HealthMonitorOptions {
  /** for the log */
  readonly role: string;
  readonly logger: KitLogger;
  readonly clock: Clock;
  /** milliseconds a role stays `recovering`; default 1000 */
  readonly settleMs?: number;
}

/** Starts as normal; every change of mode is logged once. */
export function createHealthMonitor(options: HealthMonitorOptions): HealthMonitor {
  const { role, logger, clock, settleMs = 1000 } = options;
  const listeners = new Set<(status: RoleStatus) => void>();
  const periods: { from: Date; to?: Date; reason: RedisFault["code"] }[] = [];
  let current: RoleStatus = { mode: "normal", since: new Date(clock()) };

  function change(status: RoleStatus): void {
    current = status;
    for (const listener of [...listeners]) {
      try {
        // Whoever's call it was that failed: what follows from it is not that request's work.
        withoutRedisBudget(() => {
          listener(status);
        });
      } catch (error) {
        logger.error("a listener of the redis health failed", { role, error: String(error) });
      }
    }
  }

  function degrade(fault: RedisFault): void {
    const now = new Date(clock());
    const open = periods.at(-1);
    if (open === undefined || open.to !== undefined) {
      periods.push({ from: now, reason: fault.code });
      if (periods.length > historyLength) periods.shift();
    }
    logger.warn(`redis ${role} is degraded: ${fault.code}`, {
      role,
      reason: fault.code,
      cause: fault.message,
    });
    change({ mode: "degraded", since: now, reason: fault.code });
  }

  function settle(): void {
    const now = new Date(clock());
    const period = periods.at(-1);
    if (period !== undefined) period.to = now;
    const durationMs = period === undefined ? 0 : now.getTime() - period.from.getTime();
    logger.info(`redis ${role} is back to normal`, { role, durationMs });
    change({ mode: "normal", since: now });
  }

  return {
    status: () => current,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    history: (): readonly DegradedPeriod[] => periods.map((period) => ({ ...period })),
    reportFault(fault) {
      if (current.mode !== "degraded") {
        degrade(fault);
      } else if (current.reason !== fault.code) {
        // The first reason is what people read in the history; this one is what stands in the way now.
        current = { ...current, reason: fault.code };
      }
    },
    reportWell() {
      if (current.mode === "normal") return;
      if (current.mode === "degraded") {
        const { reason } = current;
        logger.info(`redis ${role} answers again`, { role });
        change({ mode: "recovering", since: new Date(clock()), ...(reason === undefined ? {} : { reason }) });
      } else if (clock() - current.since.getTime() >= settleMs) {
        settle();
      }
    },
  };
}
