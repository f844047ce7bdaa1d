import { isIP } from "node:net";
import { parseRedisConfig } from "@vibe-friend/redis-kit/config";
import {
  databaseSection,
  httpSection,
  internalSection,
  publicUrlSection,
} from "@vibe-friend/service-kit/config-sections";
import { crashSection } from "@vibe-friend/service-kit/crash-points";
import {
  durationMs,
  httpUrl,
  httpUrls,
  oneOf,
  origins,
  wholeNumber,
  words,
} from "@vibe-friend/service-kit/config-values";
import { z } from "zod";

/** Where the other services listen. */
const peersSection = z
  .object({
    AUTH_URL: httpUrls().default(["http://127.0.0.1:8081"]),
    CACHE_URL: httpUrls().default(["http://127.0.0.1:8082"]),
    NOTIFICATION_URLS: httpUrls().default(["http://127.0.0.1:8084"]),
    CONSOLE_URL: httpUrl().default("http://127.0.0.1:8085"),
  })
  .transform((env) => ({
    authUrls: env.AUTH_URL,
    cacheUrls: env.CACHE_URL,
    notificationUrls: env.NOTIFICATION_URLS,
    consoleUrl: env.CONSOLE_URL,
  }));

/** Who may call from a browser, and whose word about the caller's address counts. */
const edgeSection = z
  .object({
    ALLOWED_ORIGINS: origins().default([]),
    TRUSTED_PROXIES: words()
      .refine((proxies) => proxies.every(isProxy), {
        error: "addresses, networks as 10.0.0.0/8, or loopback, with commas between them",
      })
      .default([]),
    SESSION_MAX_AGE: durationMs().default(30 * 24 * 3_600_000),
  })
  .transform((env) => ({
    allowedOrigins: env.ALLOWED_ORIGINS,
    trustedProxies: env.TRUSTED_PROXIES,
    sessionMaxAgeMs: env.SESSION_MAX_AGE,
  }));

/** What Express takes as a trusted proxy. */
function isProxy(word: string): boolean {
  const [address = "", bits, ...rest] = word.split("/");
  if (["loopback", "linklocal", "uniquelocal"].includes(word)) return true;
  const maxBits = isIP(address) === 6 ? 128 : 32;
  const isNetwork = bits === undefined || (/^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= maxBits);
  return isIP(address) !== 0 && rest.length === 0 && isNetwork;
}

/** How generations are accepted. With LLM_BASE_URL or LLM_API_KEY set, the language model is the engine unless asked otherwise. */
const generationSection = z
  .object({
    GENERATION_MODE: oneOf(["async", "sync"]).default("async"),
    GENERATION_SYNC_TIMEOUT: durationMs({ max: "24h" }).default(25_000),
    GENERATION_SYNC_WAITERS: wholeNumber({ min: 0, max: 10_000 }).default(100),
    GENERATION_MAX_OPEN: wholeNumber({ min: 1, max: 100_000 }).default(20),
    GENERATION_DAILY_LIMIT: wholeNumber({ min: 0, max: 1_000_000 }).default(0),
    LLM_BASE_URL: httpUrl().optional(),
    LLM_API_KEY: z.string().optional(),
  })
  .transform((env) => ({
    mode: env.GENERATION_MODE,
    syncTimeoutMs: env.GENERATION_SYNC_TIMEOUT,
    syncWaiters: env.GENERATION_SYNC_WAITERS,
    limits: { maxOpen: env.GENERATION_MAX_OPEN, dailyLimit: env.GENERATION_DAILY_LIMIT },
    hasLlm: env.LLM_BASE_URL !== undefined || env.LLM_API_KEY !== undefined,
  }));

/** What is more than this gateway, or all workers together, can work off is refused. */
const overloadSection = z
  .object({
    API_MAX_CONCURRENT: wholeNumber({ min: 1, max: 100_000 }).default(200),
    API_MAX_WAITING: wholeNumber({ min: 0, max: 100_000 }).default(400),
    GENERATION_MAX_QUEUED: wholeNumber({ min: 0, max: 1_000_000 }).default(10_000),
  })
  .transform((env) => ({
    maxConcurrent: env.API_MAX_CONCURRENT,
    maxWaiting: env.API_MAX_WAITING,
    maxQueued: env.GENERATION_MAX_QUEUED,
  }));

export const gatewaySections = {
  http: httpSection({ port: 8080 }),
  internal: internalSection,
  database: databaseSection,
  redis: parseRedisConfig,
  publicUrl: publicUrlSection,
  peers: peersSection,
  edge: edgeSection,
  generation: generationSection,
  overload: overloadSection,
  crash: crashSection,
};
