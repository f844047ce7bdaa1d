import { parseRedisConfig } from "@vibe-friend/redis-kit/config";
import {
  databaseSection,
  httpSection,
  internalSection,
  publicUrlSection,
} from "@vibe-friend/service-kit/config-sections";
import { durationMs, words } from "@vibe-friend/service-kit/config-values";
import { z } from "zod";

/** ALLOWED_ORIGINS: pages beside PUBLIC_URL that may open sockets. SESSION_MAX_AGE: as in the gateway. */
const edgeSection = z
  .object({
    ALLOWED_ORIGINS: words()
      .refine((origins) => origins.every((origin) => URL.canParse(origin)), {
        error: "http:// or https:// addresses, with commas between them",
      })
      .default([]),
    SESSION_MAX_AGE: durationMs().default(30 * 24 * 3_600_000),
  })
  .transform((env) => ({ allowedOrigins: env.ALLOWED_ORIGINS, sessionMaxAgeMs: env.SESSION_MAX_AGE }));

export const sections = {
  http: httpSection({ port: 8084 }),
  internal: internalSection,
  database: databaseSection,
  redis: parseRedisConfig,
  publicUrl: publicUrlSection,
  edge: edgeSection,
};
