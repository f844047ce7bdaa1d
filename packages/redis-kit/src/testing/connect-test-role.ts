import { parseRedisConfig } from "../config";
import type { RedisConfig } from "../config";
import { connectRedisRole } from "../connection/redis-connection";
import type { RedisRole, RedisRoleName } from "../connection/redis-role";
import { createRecordingLogger } from "./recording-logger";
import type { RecordingLogger } from "./recording-logger";

/** A role on a real server, with what it was made of. */
export interface TestRole {
  readonly role: RedisRole;
  readonly config: RedisConfig;
  readonly logger: RecordingLogger;
}

/** @param env variables beside REDIS_URL, as REDIS_DB or REDIS_ALLOW_EVICTION */
export async function connectTestRole(
  url: string,
  env: Readonly<Record<string, string>> = {},
  role: RedisRoleName = "state",
): Promise<TestRole> {
  const config = parseRedisConfig({ REDIS_URL: url, ...env });
  const logger = createRecordingLogger();
  return { role: await connectRedisRole({ role, config: config[role], logger }), config, logger };
}
