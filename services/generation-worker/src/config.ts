import { parseRedisConfig } from "@vibe-friend/redis-kit/config";
import { databaseSection, httpSection } from "@vibe-friend/service-kit/config-sections";
import { crashSection } from "@vibe-friend/service-kit/crash-points";
import { durationMs, httpUrl, text, wholeNumber } from "@vibe-friend/service-kit/config-values";
import { z } from "zod";
import { defaultTimes } from "./domain/limits";

/** GENERATION_CONCURRENCY: runs at once in this process. The times are milliseconds. */
const generationSection = z
  .object({
    GENERATION_CONCURRENCY: wholeNumber({ min: 1, max: 64 }).default(4),
    GENERATION_MAX_RUNNING: wholeNumber({ min: 0, max: 10_000 }).default(10),
    GENERATION_RUN_TIMEOUT: durationMs({ max: "24h" }).default(defaultTimes.runMs),
    GENERATION_IDLE_TIMEOUT: durationMs({ max: "24h" }).default(defaultTimes.idleMs),
    GENERATION_DEADLINE: durationMs({ max: "24d" }).default(defaultTimes.deadlineMs),
  })
  .transform((env) => ({
    concurrency: env.GENERATION_CONCURRENCY,
    /** runs of one person at once, over all workers; 0 is no limit */
    maxRunningPerUser: env.GENERATION_MAX_RUNNING,
    times: {
      ...defaultTimes,
      runMs: env.GENERATION_RUN_TIMEOUT,
      idleMs: env.GENERATION_IDLE_TIMEOUT,
      deadlineMs: env.GENERATION_DEADLINE,
    },
  }));

/** ARCHIVE_CONCURRENCY: archives built at once in this process, beside its runs. */
const archiveSection = z
  .object({ ARCHIVE_CONCURRENCY: wholeNumber({ min: 1, max: 64 }).default(2) })
  .transform((env) => ({ concurrency: env.ARCHIVE_CONCURRENCY }));

/** The engines. A language model is set up as soon as an address or a key is given. */
const engineSection = z
  .object({
    LLM_BASE_URL: httpUrl().optional(),
    LLM_API_KEY: text({ minLength: 1, allowed: "a key" }).optional(),
    LLM_MODEL: text({ minLength: 1, allowed: "a model's name" }).default("gpt-4o-mini"),
    BUILT_IN_ENGINE_RATE: wholeNumber({ min: 0, max: 10_000_000 }).default(12_000),
  })
  .transform((env) => ({
    /** characters per second; 0 is as fast as it can */
    builtInRate: env.BUILT_IN_ENGINE_RATE,
    llm:
      env.LLM_BASE_URL === undefined && env.LLM_API_KEY === undefined
        ? undefined
        : {
            baseUrl: env.LLM_BASE_URL ?? "https://api.openai.com/v1",
            apiKey: env.LLM_API_KEY,
            model: env.LLM_MODEL,
          },
  }));

export const sections = {
  http: httpSection({ port: 8083 }),
  database: databaseSection,
  redis: parseRedisConfig,
  generation: generationSection,
  archives: archiveSection,
  engines: engineSection,
  crash: crashSection,
};
