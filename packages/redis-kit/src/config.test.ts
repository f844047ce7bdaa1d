import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError, parseRedisConfig } from "./config";
import { parseDuration } from "./duration";
import { createKeys } from "./keys";

function faultsOf(env: Record<string, string>) {
  try {
    parseRedisConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error("nothing was wrong with it");
}

it("has the documented defaults, also where variables are empty", () => {
  const config = parseRedisConfig({ REDIS_HOST: "", REDIS_URL: " ", REDIS_SESSION_TTL: "" });
  expect(config).toMatchObject({
    keyPrefix: "gvf",
    sessionTtlMs: 86_400_000,
    sessionPrefix: "gvf:session:",
    cacheTtlMs: 3_600_000,
    cachePrefix: "gvf:cache:",
    queuePrefix: "gvf:queue",
    notifyPrefix: "gvf:notify:",
    authStaleMaxMs: 900_000,
    allowEviction: false,
  });
  expect(config.state).toEqual({
    disabled: false,
    host: "localhost",
    port: 6379,
    database: 0,
    tls: false,
    poolSize: 10,
    minIdleConnections: 0,
    maxRetries: 3,
    dialTimeoutMs: 5000,
    readTimeoutMs: 3000,
    writeTimeoutMs: 3000,
    allowEviction: false,
  });
  expect(config.cache).toEqual(config.state);
});

it("derives the prefixes from REDIS_KEY_PREFIX unless they are given", () => {
  const config = parseRedisConfig({ REDIS_KEY_PREFIX: "app", REDIS_QUEUE_PREFIX: "jobs" });
  expect(config).toMatchObject({
    sessionPrefix: "app:session:",
    cachePrefix: "app:cache:",
    queuePrefix: "jobs",
  });
});

it("reads a URL, with what it leaves out from the single variables", () => {
  const { state } = parseRedisConfig({
    REDIS_URL: "rediss://ada:p%40ss@redis.example:6380/3",
    REDIS_PORT: "1",
  });
  expect(state).toMatchObject({
    host: "redis.example",
    port: 6380,
    username: "ada",
    password: "p@ss",
    database: 3,
    tls: true,
  });
  const other = parseRedisConfig({
    REDIS_URL: "redis://redis.example",
    REDIS_PASSWORD: "secret",
    REDIS_DB: "2",
  });
  expect(other.state).toMatchObject({ port: 6379, password: "secret", database: 2, tls: false });
});

it("disables both roles with REDIS_URL=none, unless the cache has a place of its own", () => {
  expect(parseRedisConfig({ REDIS_URL: "none", REDIS_CACHE_DB: "1" })).toMatchObject({
    state: { disabled: true },
    cache: { disabled: true },
  });
  expect(parseRedisConfig({ REDIS_URL: "none", REDIS_CACHE_HOST: "cache" }).cache).toMatchObject({
    host: "cache",
  });
  const onlyState = parseRedisConfig({ REDIS_CACHE_URL: "none" });
  expect(onlyState).toMatchObject({ state: { disabled: false }, cache: { disabled: true } });
});

it("gives the cache role what it does not name from the state role", () => {
  const { cache } = parseRedisConfig({
    REDIS_HOST: "state",
    REDIS_PORT: "7000",
    REDIS_PASSWORD: "secret",
    REDIS_POOL_SIZE: "20",
    REDIS_READ_TIMEOUT: "1s",
    REDIS_CACHE_HOST: "cache",
    REDIS_CACHE_DB: "4",
  });
  expect(cache).toMatchObject({ host: "cache", port: 7000, password: "secret", database: 4, poolSize: 20 });
  expect(cache).toMatchObject({ readTimeoutMs: 1000 });
});

it("takes no password of the state role over to a REDIS_CACHE_URL", () => {
  const { cache } = parseRedisConfig({
    REDIS_URL: "redis://:secret@state:7000/5",
    REDIS_CACHE_URL: "redis://cache:7001",
  });
  expect(cache).toMatchObject({ host: "cache", port: 7001, database: 0 });
  expect(cache).not.toHaveProperty("password");
});

it("reads Sentinel and Cluster, and braces the queue's keys in Cluster", () => {
  const sentinel = parseRedisConfig({ REDIS_SENTINELS: "a:26379, b:26380", REDIS_SENTINEL_NAME: "main" });
  const nodes = [
    { host: "a", port: 26379 },
    { host: "b", port: 26380 },
  ];
  expect(sentinel.state).toMatchObject({ sentinel: { name: "main", nodes } });
  expect(sentinel.cache).toMatchObject({ sentinel: { name: "main" } });
  const cluster = parseRedisConfig({ REDIS_CLUSTER_NODES: "a:7000,[::1]:7001", REDIS_CACHE_HOST: "cache" });
  expect(cluster.state).toMatchObject({ clusterNodes: [{ host: "a" }, { host: "::1", port: 7001 }] });
  expect(cluster.cache).not.toHaveProperty("clusterNodes");
  expect(createKeys(cluster).queuePrefix).toBe("{gvf:queue}");
});

it("reports every fault at once, each with its variable, what was given and what is allowed", () => {
  const error = faultsOf({
    REDIS_PORT: "70000",
    REDIS_DB: "-1",
    REDIS_TLS: "maybe",
    REDIS_SESSION_TTL: "1 day",
    REDIS_KEY_PREFIX: "a b",
    REDIS_SENTINELS: "host-without-port",
    REDIS_CACHE_POOL_SIZE: "0",
    AUTH_STALE_MAX: "0s",
  });
  expect(error.faults.map((fault) => fault.variable).sort()).toEqual([
    "AUTH_STALE_MAX",
    "REDIS_CACHE_POOL_SIZE",
    "REDIS_DB",
    "REDIS_KEY_PREFIX",
    "REDIS_PORT",
    "REDIS_SENTINELS",
    "REDIS_SESSION_TTL",
    "REDIS_TLS",
  ]);
  expect(error.message.split("\n")).toContain(
    'REDIS_PORT: "70000" is not allowed; give a whole number from 1 to 65535',
  );
});

it("reads the authority of a TLS server, also for the cache role beside it, and says which file is none", () => {
  const folder = mkdtempSync(join(tmpdir(), "redis-kit-"));
  const path = join(folder, "ca.pem");
  writeFileSync(path, "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n");
  const env = { REDIS_HOST: "state", REDIS_TLS: "true", REDIS_TLS_CA: path };
  const { state, cache } = parseRedisConfig({ ...env, REDIS_CACHE_HOST: "cache" });
  expect([state, cache]).toMatchObject([{ tlsCa: expect.stringContaining("MA==") as string }, { tls: true }]);
  expect(cache).toHaveProperty("tlsCa");
  const elsewhere = parseRedisConfig({ ...env, REDIS_CACHE_URL: "rediss://cache:7001" });
  expect(elsewhere.cache).not.toHaveProperty("tlsCa");
  writeFileSync(path, "not a certificate");
  for (const wrong of [path, join(folder, "missing.pem")]) {
    expect(faultsOf({ ...env, REDIS_TLS_CA: wrong }).faults).toMatchObject([{ variable: "REDIS_TLS_CA" }]);
  }
  rmSync(folder, { recursive: true });
});

it.each([
  [{ REDIS_SENTINELS: "a:1" }, "REDIS_SENTINEL_NAME"],
  [{ REDIS_SENTINELS: "a:1", REDIS_SENTINEL_NAME: "m", REDIS_CLUSTER_NODES: "b:2" }, "REDIS_CLUSTER_NODES"],
  [{ REDIS_CLUSTER_NODES: "a:1", REDIS_DB: "1" }, "REDIS_DB"],
  [{ REDIS_HOST: "a/b" }, "REDIS_HOST"],
  [{ REDIS_CACHE_URL: "http://a" }, "REDIS_CACHE_URL"],
])("refuses %j naming %s", (env, variable) => {
  expect(faultsOf(env as Record<string, string>).faults.map((fault) => fault.variable)).toContain(variable);
});

it.each([
  ["REDIS_", "redis://:secret@a", "true"],
  ["REDIS_", "rediss://:secret@a", "no"],
  ["REDIS_CACHE_", "redis://a", "1"],
])("refuses a URL and a variable that contradict each other in TLS: %sURL=%s with %s", (...given) => {
  const [prefix, url, tls] = given;
  const error = faultsOf({ [`${prefix}URL`]: url, [`${prefix}TLS`]: tls });
  const remedy = `what ${prefix}URL says (rediss:// is with TLS, redis:// without), or nothing`;
  expect(error.message).toBe(`${prefix}TLS: "${tls}" is not allowed; give ${remedy}`);
});

it("takes TLS from the URL, agreed with by the variable or not named there", () => {
  for (const [url, REDIS_TLS, tls] of [
    ["rediss://a", "", true],
    ["rediss://a", "true", true],
    ["redis://a", "", false],
    ["redis://a", "off", false],
  ] as const) {
    expect(parseRedisConfig({ REDIS_URL: url, REDIS_TLS }).state).toMatchObject({ tls });
  }
  // A URL speaks for itself, and a role's own variable for that role.
  const beside = parseRedisConfig({ REDIS_TLS: "true", REDIS_CACHE_URL: "redis://b" });
  expect(beside).toMatchObject({ state: { tls: true }, cache: { tls: false } });
  expect(parseRedisConfig({ REDIS_URL: "redis://a", REDIS_CACHE_TLS: "true" }).cache).toMatchObject({
    host: "a",
    tls: true,
  });
});

it("never repeats a URL, which may hold a password", () => {
  const error = faultsOf({ REDIS_URL: "redis//:secret@host" });
  expect(error.faults).toMatchObject([{ variable: "REDIS_URL" }]);
  expect(JSON.stringify(error.faults) + error.message).not.toContain("secret");
});

it.each([
  ["250ms", 250],
  ["3s", 3000],
  ["1.5s", 1500],
  ["5m", 300_000],
  ["24h", 86_400_000],
  ["30d", 2_592_000_000],
])("reads the duration %s", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

it.each(["", "3", "s", "3 s", "-1s", "1y", "1e3ms", "4000d"])("refuses the duration %j", (text) => {
  expect(() => parseDuration(text)).toThrow(RangeError);
});

it("names keys as documented", () => {
  const keys = createKeys(parseRedisConfig({}));
  expect(keys.session("abc")).toBe("gvf:session:abc");
  expect(keys.sessionIndex("7")).toBe("gvf:session:user_7");
  expect(keys.cache("users:list")).toBe("gvf:cache:users:list");
  expect(keys.notify("user_7")).toBe("gvf:notify:user_7");
  expect(`${keys.queuePrefix}:${keys.queueName("generation")}`).toBe("gvf:queue:generation");
  expect(() => keys.queueName("a:b")).toThrow(RangeError);
});
