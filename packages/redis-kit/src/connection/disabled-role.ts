import type { Clock } from "../clock";
import type { RoleStatus } from "../degradation/health";
import { RedisFault } from "../errors";
import type { RedisCommands } from "./redis-commands";
import type { RedisRole, RedisRoleName } from "./redis-role";

function disabledFault(): RedisFault {
  return new RedisFault("disabled", "Redis is switched off (REDIS_URL=none)");
}

/** A role without Redis: degraded from the first moment, every call answered at once. */
export function createDisabledRole(role: RedisRoleName, clock: Clock): RedisRole {
  const since = new Date(clock());
  const status: RoleStatus = { mode: "degraded", since, reason: "disabled" };
  const refuse = () => Promise.reject(disabledFault());
  const refuseClient = (): never => {
    throw disabledFault();
  };
  const refuseScan = (): AsyncIterable<readonly string[]> => ({
    [Symbol.asyncIterator]: () => ({ next: refuse }),
  });
  const commands: RedisCommands = {
    ping: refuse,
    get: refuse,
    mget: refuse,
    set: refuse,
    compareAndSet: refuse,
    storeLeased: refuse,
    getOrSet: refuse,
    compareAndDelete: refuse,
    compareAndExpire: refuse,
    del: refuse,
    unlink: refuse,
    scan: refuseScan,
    pexpire: refuse,
    incr: refuse,
    sadd: refuse,
    srem: refuse,
    smembers: refuse,
    publish: refuse,
    info: refuse,
    pipeline: refuse,
  };
  return {
    role,
    disabled: true,
    isCluster: false,
    identity: () => undefined,
    onIdentity: () => () => undefined,
    warnings: () => [],
    commands,
    guard: { run: () => Promise.resolve({ kind: "unavailable", fault: disabledFault() }) },
    health: {
      status: () => status,
      onChange: () => () => undefined,
      history: () => [{ from: since, reason: "disabled" }],
    },
    createProducerClient: refuseClient,
    createBackgroundClient: refuseClient,
    createBlockingClient: refuseClient,
    createSubscriberClient: refuseClient,
    createSubscriber: refuseClient,
    close: () => Promise.resolve(),
  };
}
