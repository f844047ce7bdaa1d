import { z } from "zod";
import { describeConfigFault, ConfigError } from "./config-error";
import { databaseSection, httpSection, internalSection, logSection } from "./config-sections";
import { durationMs, flag, httpUrls, oneOf, origins, wholeNumber, words } from "./config-values";
import { loadConfig, type ConfigSection, type Environment } from "./load-config";
import { explainStartError } from "./start-service";

const section = z
  .object({
    GENERATION_CONCURRENCY: wholeNumber({ min: 1, max: 64 }).default(4),
    GENERATION_SYNC_TIMEOUT: durationMs().default(25_000),
    GENERATION_MODE: oneOf(["async", "sync"]).default("async"),
    NOTIFICATION_URLS: httpUrls().default(["http://127.0.0.1:8084"]),
    VERBOSE: flag().default(false),
    ALLOWED_ORIGINS: origins().default([]),
    TRUSTED_PROXIES: words().default([]),
  })
  .transform((env) => ({
    concurrency: env.GENERATION_CONCURRENCY,
    timeoutMs: env.GENERATION_SYNC_TIMEOUT,
    env,
  }));

function faultsOf(sections: Record<string, ConfigSection>, env: Environment): string[] {
  try {
    loadConfig(sections, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.map(describeConfigFault);
    throw error;
  }
  return [];
}

describe("loadConfig", () => {
  it("gives the defaults when nothing is set, and counts an empty variable as unset", () => {
    const config = loadConfig({ section, log: logSection }, { GENERATION_CONCURRENCY: "  " });
    expect(config.section.concurrency).toBe(4);
    expect(config.section.timeoutMs).toBe(25_000);
    expect(config.log).toEqual({ level: "info", format: undefined });
  });

  it("reads every kind of value", () => {
    const { section: config } = loadConfig(
      { section },
      {
        GENERATION_CONCURRENCY: "8",
        GENERATION_SYNC_TIMEOUT: "1.5s",
        GENERATION_MODE: "Sync",
        NOTIFICATION_URLS: "http://a:1/, https://b",
        VERBOSE: "true",
        ALLOWED_ORIGINS: "https://x.org, https://y.org",
        TRUSTED_PROXIES: "loopback, 10.0.0.0/8",
      },
    );
    expect(config).toEqual({
      concurrency: 8,
      timeoutMs: 1500,
      env: {
        GENERATION_CONCURRENCY: 8,
        GENERATION_SYNC_TIMEOUT: 1500,
        GENERATION_MODE: "sync",
        NOTIFICATION_URLS: ["http://a:1", "https://b"],
        VERBOSE: true,
        ALLOWED_ORIGINS: ["https://x.org", "https://y.org"],
        TRUSTED_PROXIES: ["loopback", "10.0.0.0/8"],
      },
    });
  });

  it("names every wrong variable at once, what was given and what is allowed", () => {
    const env = {
      GENERATION_CONCURRENCY: "many",
      GENERATION_SYNC_TIMEOUT: "0s",
      GENERATION_MODE: "later",
      NOTIFICATION_URLS: "localhost:8084",
      PORT: "65536",
      ALLOWED_ORIGINS: "https://x.org/app",
    };
    expect(faultsOf({ section, http: httpSection({ port: 8080 }) }, env)).toEqual([
      'GENERATION_CONCURRENCY is "many": must be a whole number from 1 to 64',
      'GENERATION_SYNC_TIMEOUT is "0s": must be a duration such as 250ms, 3s, 5m, 24h or 30d',
      'GENERATION_MODE is "later": must be async or sync',
      'NOTIFICATION_URLS is "localhost:8084": must be http:// or https:// addresses, with commas between them',
      'ALLOWED_ORIGINS is "https://x.org/app": must be origins such as https://app.example.org, with commas between them',
      'PORT is "65536": must be a whole number from 0 to 65535',
    ]);
  });

  it("says what is not set", () => {
    expect(faultsOf({ internal: internalSection }, {})).toEqual([
      "INTERNAL_TOKEN_SECRET is not set: must be a secret of at least 32 characters",
    ]);
  });

  it("never shows a secret or an address with a password", () => {
    const lines = faultsOf(
      { internal: internalSection, database: databaseSection },
      { INTERNAL_TOKEN_SECRET: "hunter2", DATABASE_URL: "mysql://root:hunter2@db" },
    );
    expect(lines).toHaveLength(2);
    expect(lines.join()).not.toContain("hunter2");
  });

  it("refuses the sample secret in production", () => {
    const env = { INTERNAL_TOKEN_SECRET: "change-me-change-me-change-me-change-me", NODE_ENV: "production" };
    expect(faultsOf({ internal: internalSection }, env)).toHaveLength(1);
    expect(faultsOf({ internal: internalSection }, { ...env, NODE_ENV: "development" })).toEqual([]);
  });

  it("takes the faults of a section that another package reads", () => {
    const redis = (): never => {
      throw Object.assign(new Error("wrong"), {
        faults: [{ variable: "REDIS_PORT", given: "x", allowed: "a whole number from 1 to 65535" }],
      });
    };
    expect(faultsOf({ redis }, {})).toEqual(['REDIS_PORT is "x": must be a whole number from 1 to 65535']);
  });
});

describe("explainStartError", () => {
  it("is one line per wrong variable", () => {
    const error = new ConfigError([
      { variable: "A", given: "1", allowed: "2" },
      { variable: "B", allowed: "3", missing: true },
    ]);
    expect(explainStartError("auth", error)).toBe('A is "1": must be 2\nB is not set: must be 3');
  });

  it("is one line for a fault that has a code, and keeps the stack of a bug", () => {
    const fault = Object.assign(new Error("the state Redis evicts"), { code: "policy" });
    expect(explainStartError("auth", fault)).toBe("auth can't start: the state Redis evicts");
    expect(explainStartError("auth", new TypeError("x is undefined"))).toContain("load-config.test.ts");
  });
});
