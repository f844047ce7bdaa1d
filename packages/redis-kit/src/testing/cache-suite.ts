import { z } from "zod";
import type { Cache, CacheSource } from "../cache/cache";
import { parseRedisConfig } from "../config";
import type { RedisCommands } from "../connection/redis-commands";
import type { RedisRole } from "../connection/redis-role";
import { createKeys } from "../keys";
import type { RedisFaults } from "./redis-faults";

/** The cache role of two processes on one Redis. */
export interface CacheSetup {
  readonly role: RedisRole;
  readonly otherRole: RedisRole;
  readonly faults: RedisFaults;
  close(): Promise<void>;
}

/** What the parts of the cache's behaviour suite share; made anew before every test. */
export interface CacheSuite {
  readonly redis: CacheSetup;
  readonly here: Cache;
  readonly there: Cache;
  /** how often a source of this test was asked */
  readonly loads: number;
  /** A source that takes its time and counts. */
  source(n: number, delayMs?: number): CacheSource<{ n: number }>;
}

export const keys = createKeys(parseRedisConfig({}));
export const schema = z.object({ n: z.number() });

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A role whose stores (or deletions) are sent only when the gate opens, as if they had been on their way that long. */
export function holdBack(
  role: RedisRole,
  what: "storeLeased" | "unlink",
): { readonly role: RedisRole; open(): Promise<void> } {
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const sent: Promise<unknown>[] = [];
  const late = <T>(send: () => Promise<T>): Promise<T> => {
    const done = gate.then(send);
    sent.push(done);
    return done;
  };
  const hold = (commands: RedisCommands): RedisCommands =>
    what === "unlink"
      ? { ...commands, unlink: (keys) => late(() => commands.unlink(keys)) }
      : { ...commands, storeLeased: (key, stored) => late(() => commands.storeLeased(key, stored)) };
  const { guard } = role;
  return {
    role: {
      ...role,
      guard: { run: (operation, key, command) => guard.run(operation, key, (redis) => command(hold(redis))) },
    },
    async open() {
      open();
      await Promise.all(sent);
    },
  };
}
