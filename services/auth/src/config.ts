import { emailSchema } from "@vibe-friend/contracts/auth";
import { parseRedisConfig } from "@vibe-friend/redis-kit/config";
import {
  databaseSection,
  httpSection,
  internalSection,
  publicUrlSection,
} from "@vibe-friend/service-kit/config-sections";
import { durationMs, oneOf, text, wholeNumber } from "@vibe-friend/service-kit/config-values";
import { z } from "zod";

const accountsSection = z
  .object({
    REGISTRATION: oneOf(["open", "closed"]).default("open"),
    SESSION_MAX_AGE: durationMs().default(30 * 24 * 3_600_000),
    PASSWORD_HASHES_AT_ONCE: wholeNumber({ min: 1, max: 64 }).default(2),
  })
  .transform((env) => ({
    registration: env.REGISTRATION,
    sessionMaxAgeMs: env.SESSION_MAX_AGE,
    hashesAtOnce: env.PASSWORD_HASHES_AT_ONCE,
  }));

/** Both or neither. */
const firstAdminSection = z
  .object({
    ADMIN_EMAIL: z.string().optional(),
    ADMIN_PASSWORD: text({ minLength: 12, allowed: "a password of at least 12 characters" }).optional(),
  })
  .transform((env, context) => {
    if (env.ADMIN_EMAIL === undefined && env.ADMIN_PASSWORD === undefined) return undefined;
    const email = emailSchema.safeParse(env.ADMIN_EMAIL);
    if (!email.success) {
      context.addIssue({ code: "custom", path: ["ADMIN_EMAIL"], message: "an e-mail address" });
      return z.NEVER;
    }
    if (env.ADMIN_PASSWORD === undefined) {
      const message = "a password of at least 12 characters, as ADMIN_EMAIL is set";
      context.addIssue({ code: "custom", path: ["ADMIN_PASSWORD"], message });
      return z.NEVER;
    }
    return { email: email.data, password: env.ADMIN_PASSWORD };
  });

export const authSections = {
  http: httpSection({ port: 8081 }),
  internal: internalSection,
  database: databaseSection,
  redis: parseRedisConfig,
  accounts: accountsSection,
  firstAdmin: firstAdminSection,
};

/** What the command that prints the first admin's link reads. */
export const firstAdminLinkSections = {
  database: databaseSection,
  publicUrl: publicUrlSection,
  firstAdmin: firstAdminSection,
};
