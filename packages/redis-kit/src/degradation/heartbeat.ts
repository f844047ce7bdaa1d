import { RedisFault, toRedisFault } from "../errors";
import type { Breaker } from "./breaker";
import { withDeadline } from "./deadline";
import { defaultDeadlineMs } from "./guard";
import type { HealthMonitor } from "./health-monitor";

const pingDeadlineMs = 500;
const normalIntervalMs = 1000;
const troubledIntervalMs = 250;
const inspectEveryMs = 5000;
/** So many PINGs, one behind the other, close the breaker: an answer that came by luck is none. */
const provingPings = 3;

/** What a heartbeat is made of. */
export interface HeartbeatOptions {
  readonly ping: () => Promise<void>;
  /** Looks at how the server is set up. @returns what makes it unusable, if anything */
  readonly inspect: () => Promise<RedisFault | undefined>;
  readonly breaker: Breaker;
  readonly health: HealthMonitor;
}

/** A running heartbeat. */
export interface Heartbeat {
  /** Looks within the next 20 ms instead of at the next beat. */
  hurry(): void;
  stop(): void;
}

/**
 * Asks PING every second, every 250 ms while something is wrong; these probes close the breaker. A slow PING doesn't
 * make a role worse, but one in trouble is well again only when it answers within what callers give it. Every 5 s, and always before calling a server well again, it also looks at how the server is set up.
 */
export function startHeartbeat({ ping, inspect, breaker, health }: HeartbeatOptions): Heartbeat {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let beating = false;
  let inspectedAt = 0;

  async function beat(): Promise<void> {
    beating = true;
    const fault = await examine();
    beating = false;
    if (stopped) return;
    if (fault === undefined) health.reportWell();
    else if (fault.code !== "breaker-open") health.reportFault(fault);
    schedule(health.status().mode === "normal" ? normalIntervalMs : troubledIntervalMs);
  }

  async function examine(): Promise<RedisFault | undefined> {
    try {
      await breaker.call(health.status().mode === "normal" ? pingOnce : prove);
      if (health.status().mode === "normal" && performance.now() - inspectedAt < inspectEveryMs)
        return undefined;
      const fault = await withDeadline(inspect(), pingDeadlineMs, pingDeadlineMs);
      inspectedAt = performance.now();
      return fault;
    } catch (error) {
      return isHeldBack(error) ? new RedisFault("breaker-open", "not probed yet") : toRedisFault(error);
    }
  }

  function pingOnce(): Promise<void> {
    return withDeadline(ping(), pingDeadlineMs);
  }

  /** Else a server that answers too late for every caller would be called well again and again, at their cost. */
  async function prove(): Promise<void> {
    for (let asked = 0; asked < provingPings; asked += 1) await withDeadline(ping(), defaultDeadlineMs);
  }

  function schedule(ms: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => void beat(), ms);
    timer.unref();
  }

  schedule(normalIntervalMs);
  return {
    hurry() {
      if (!stopped && !beating) schedule(20);
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/** The breaker is open and its pause before the next probe isn't over. */
function isHeldBack(error: unknown): boolean {
  return error instanceof Error && "isBrokenCircuitError" in error;
}
