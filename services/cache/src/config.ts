import { parseRedisConfig } from "@vibe-friend/redis-kit/config";
import { databaseSection, httpSection, internalSection } from "@vibe-friend/service-kit/config-sections";

export const cacheSections = {
  http: httpSection({ port: 8082 }),
  internal: internalSection,
  database: databaseSection,
  redis: parseRedisConfig,
};
