import { startRedisWithTls } from "@vibe-friend/local-stack/redis-tls";
import type { TlsRedis } from "@vibe-friend/local-stack/redis-tls";
import { connectTestRole } from "../testing/connect-test-role";
import type { TestRole } from "../testing/connect-test-role";
import { askServer } from "../testing/server-faults";

jest.setTimeout(30_000);

let redis: TlsRedis;
const open: TestRole[] = [];

async function connect(url: string, env: Readonly<Record<string, string>> = {}): Promise<TestRole> {
  const connected = await connectTestRole(url, env);
  open.push(connected);
  return connected;
}

beforeAll(async () => {
  const started = await startRedisWithTls();
  if (started === undefined) throw new Error("there is no Redis to test with");
  redis = started;
});
afterEach(() => Promise.all(open.splice(0).map(({ role }) => role.close())));
afterAll(() => redis.stop());

it("speaks TLS with a server whose authority it was given", async () => {
  const { role } = await connect(redis.tlsUrl, { REDIS_TLS_CA: redis.authorityPath });
  expect(role.health.status().mode).toBe("normal");
  expect(role.identity()).toMatch(/^[0-9a-f]{40}$/);
  const big = "x".repeat(300_000);
  await role.commands.set("big", big);
  const answers = await Promise.all(Array.from({ length: 5 }, () => role.commands.get("big")));
  expect(answers.every((answer) => answer === big)).toBe(true);
  const producer = role.createProducerClient();
  await new Promise((resolve) => producer.once("ready", resolve));
  expect(await producer.get("big")).toBe(big);
});

it("trusts nobody whose authority it doesn't know, and names why", async () => {
  const { role, logger } = await connect(redis.tlsUrl);
  expect(role.health.status().mode).toBe("degraded");
  expect(logger.messages("error")).toEqual([
    expect.stringMatching(/^redis connection failed: .*self.signed certificate/),
  ]);
});

it("works as a user who may use only its own prefixes and what the service needs", async () => {
  const rights = ["on", ">service-pass", "~gvf:*", "&gvf:*", "+@all", "-@dangerous", "-@admin", "+info"];
  await askServer(redis.server.url, (client) => client.call("ACL", "SETUSER", "service", ...rights));
  const { role, logger } = await connect(redis.server.url.replace("redis://:", "redis://service:"), {
    REDIS_PASSWORD: "unused",
  });
  // The URL's password is the default user's.
  expect(role.health.status().reason).toBe("auth");
  const { host, port } = redis.server;
  const own = await connect(`redis://service:service-pass@${host}:${port}`);
  expect(own.role.health.status().mode).toBe("normal");
  expect(own.role.identity()).toMatch(/^[0-9a-f]{40}$/);
  expect(await own.role.guard.run("test", "a", (client) => client.set("gvf:a", "1"))).toMatchObject({
    kind: "ok",
  });
  const foreign = await own.role.guard.run("test", "b", (client) => client.set("other:b", "1"));
  expect(foreign).toMatchObject({ kind: "unavailable", fault: { code: "auth" } });
  // One forbidden key says nothing about the others.
  expect(own.role.health.status().mode).toBe("normal");
  expect(JSON.stringify([logger.lines, own.logger.lines])).not.toContain("service-pass");
});

it("is degraded, and does not ask for data, as a user without INFO", async () => {
  const rights = ["on", ">blind-pass", "~*", "&*", "+@all", "-info"];
  await askServer(redis.server.url, (client) => client.call("ACL", "SETUSER", "blind", ...rights));
  const { host, port } = redis.server;
  const { role } = await connect(`redis://blind:blind-pass@${host}:${port}`);
  expect(role.health.status()).toMatchObject({ mode: "degraded", reason: "auth" });
  expect(role.identity()).toBeUndefined();
});
