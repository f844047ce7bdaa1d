import { connectDatabase } from "@vibe-friend/database/data-source";
import { createSessionTruth } from "@vibe-friend/database/repositories/session-truth";
import { parseRedisConfig } from "@vibe-friend/redis-kit/config";
import { connectRedisRole } from "@vibe-friend/redis-kit/connection/redis-connection";
import { createKeys } from "@vibe-friend/redis-kit/keys";
import { noLogger } from "@vibe-friend/redis-kit/logger";
import { createSessionStore } from "@vibe-friend/redis-kit/sessions/session-store";
import type { SessionStore } from "@vibe-friend/redis-kit/sessions/session-store";
import { openTrust } from "../open-trust";
import { databasePoolSize, sessionTtlMs } from "./session-contestant";
import type { OpenSessions, SessionSetup } from "./session-contestant";

export interface OurSessions {
  readonly store: SessionStore;
  close(): Promise<void>;
}

/** As the gateway puts it together; degraded is the same with Redis switched off. */
export async function connectOurSessions(setup: SessionSetup): Promise<OurSessions> {
  const config = parseRedisConfig({ REDIS_URL: setup.adapter === "ours-degraded" ? "none" : setup.redisUrl });
  const role = await connectRedisRole({ role: "state", config: config.state, logger: noLogger });
  const database = await connectDatabase({
    url: setup.databaseUrl,
    applicationName: "bench",
    poolSize: databasePoolSize,
    waitForMs: 10_000,
  });
  const keys = createKeys(config);
  const kept = await openTrust(database, role, keys);
  const store = createSessionStore({
    role,
    trust: kept.trust,
    truth: createSessionTruth(database),
    keys,
    ttlMs: sessionTtlMs,
    maxAgeMs: 30 * sessionTtlMs,
    staleMaxMs: 900_000,
    clock: () => database.now(),
  });
  return {
    store,
    async close() {
      await kept.close();
      await role.close();
      await database.close();
    },
  };
}

/** of a user just made */
export const userEpoch = 1;

/** Redis in front of Postgres. It writes a use down at most once a minute, in the background. */
export const openOurSessions: OpenSessions = async (setup) => {
  const ours = await connectOurSessions(setup);
  return {
    async create() {
      const { token } = await ours.store.create({ userId: setup.userId, userEpoch });
      return token;
    },
    async find(token) {
      const found = await ours.store.find(token);
      if (found.kind === "unavailable") throw found.fault;
      return found.value?.userId;
    },
    touch: () => Promise.resolve(),
    close: () => ours.close(),
  };
};
