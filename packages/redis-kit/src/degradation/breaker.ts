import { CircuitState, ConsecutiveBreaker, SamplingBreaker, circuitBreaker, handleWhen } from "cockatiel";
import type { CircuitBreakerPolicy, IBreaker } from "cockatiel";
import { toRedisFault } from "../errors";
import type { RedisFault, RedisFaultCode } from "../errors";

/** Faults that say something about the connection; error replies come from a server that answers. */
const breaking: ReadonlySet<RedisFaultCode> = new Set<RedisFaultCode>(["unreachable", "timeout", "auth"]);

/** Shorter than the heartbeat's interval in trouble, so that every beat is a probe. */
const pauseBeforeProbeMs = 200;

/** A user that may not run one command says nothing about the others. */
function isBreaking(fault: RedisFault): boolean {
  return breaking.has(fault.code) && !fault.message.startsWith("NOPERM");
}

/** When a role's breaker opens. */
export interface BreakerOptions {
  /** failures in a row; default 3 */
  readonly consecutive?: number;
  /** milliseconds of the rolling window in which half of all calls failing opens it too; default 5000 */
  readonly windowMs?: number;
}

/** Opens on failures and is closed by the heartbeat's probes, never at the cost of somebody's request. */
export interface Breaker {
  isClosed(): boolean;
  /** What opened it last; undefined before the first time. */
  lastFault(): RedisFault | undefined;
  /** Runs and counts a call. While open it rejects at once, but for one probe after a pause. */
  call<T>(work: () => Promise<T>): Promise<T>;
  onOpen(listener: (fault: RedisFault) => void): void;
  onClose(listener: () => void): void;
}

/** Three in a row catch a frozen server at once whatever the load was before; the window catches a flickering one. */
export function createBreaker(options: BreakerOptions = {}): Breaker {
  const rules = [
    new ConsecutiveBreaker(options.consecutive ?? 3),
    new SamplingBreaker({ threshold: 0.5, duration: options.windowMs ?? 5000, minimumRps: 2 }),
  ];
  const policy: CircuitBreakerPolicy = circuitBreaker(
    handleWhen((error) => isBreaking(toRedisFault(error))),
    { halfOpenAfter: pauseBeforeProbeMs, breaker: anyOf(rules) },
  );
  return {
    isClosed: () => policy.state === CircuitState.Closed,
    lastFault() {
      const failure = policy.lastFailure;
      return failure !== undefined && "error" in failure ? toRedisFault(failure.error) : undefined;
    },
    call: (work) => policy.execute(work),
    onOpen(listener) {
      policy.onBreak((reason) => {
        if ("error" in reason) listener(toRedisFault(reason.error));
      });
    },
    onClose(listener) {
      policy.onReset(listener);
    },
  };
}

function anyOf(rules: readonly IBreaker[]): IBreaker {
  return {
    state: undefined,
    success(state) {
      for (const rule of rules) rule.success(state);
    },
    failure(state) {
      // Every rule has to hear of it, so no short cut.
      return rules.map((rule) => rule.failure(state)).includes(true);
    },
  };
}
