import type { Database } from "@vibe-friend/database/data-source";
import { createRedisJournal } from "@vibe-friend/database/repositories/redis-journal";
import type { RedisRole } from "@vibe-friend/redis-kit/connection/redis-role";
import { keepTrust } from "@vibe-friend/redis-kit/journal/keep-trust";
import type { RedisTrust } from "@vibe-friend/redis-kit/journal/trust";
import type { RedisKeys } from "@vibe-friend/redis-kit/keys";

export interface OpenTrust {
  readonly trust: RedisTrust;
  close(): Promise<void>;
}

const patienceMs = 10_000;

/** Watches and drains the journal in Postgres as the services do; waits until Redis is believed, if it is there. */
export async function openTrust(database: Database, role: RedisRole, keys: RedisKeys): Promise<OpenTrust> {
  const journal = createRedisJournal(database);
  const watch = await keepTrust({ journal, roles: [role], keys, staleMaxMs: 900_000 });
  const trust = watch.of(role);
  const until = performance.now() + patienceMs;
  while (!role.disabled && trust.verdict().kind !== "trusted" && performance.now() < until) {
    await watch.lookNow();
  }
  return { trust, close: () => watch.stop() };
}
