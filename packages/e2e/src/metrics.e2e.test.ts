import { registerPerson, waitUntilEnded, type Person } from "./person";
import { useStack } from "./running-stack";
import { waitFor } from "./wait-for";

const running = useStack({ restarts: false });
let person: Person;

/** The services that work with Redis, and the roles each of them uses. */
const services = {
  "api-gateway": ["state", "cache"],
  auth: ["state", "cache"],
  cache: ["state", "cache"],
  "generation-worker": ["state"],
  notification: ["state", "cache"],
} as const;
const names = Object.keys(services) as (keyof typeof services)[];
const keepTrust = names.filter((name) => name !== "generation-worker");

const partsOf = (service: string) =>
  running.stack.parts().filter(({ name }) => name.replace(/-?\d+$/, "") === service);

/** One process's figures by name and labels; the labels every figure of a service has are left out. */
async function readFigures(
  service: string,
): Promise<(name: string, labels?: Record<string, string>) => number> {
  const [part] = partsOf(service);
  if (part === undefined) throw new Error(`no process of ${service}`);
  const text = await (await fetch(`${part.url}/metrics`)).text();
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return (name, labels = {}) =>
    lines
      .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
      .filter((line) => Object.entries(labels).every(([key, value]) => line.includes(`${key}="${value}"`)))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
}

/** The breaker opens when something was asked in vain, a moment after the connection was lost. */
const becomes = (mode: "normal" | "degraded") =>
  waitFor(`every role of every service is ${mode}`, async () => {
    for (const service of names) {
      const figure = await readFigures(service);
      for (const role of services[service]) {
        if (figure("redis_role_mode", { role, mode }) !== 1) return undefined;
        if (figure("redis_breaker_open", { role }) !== (mode === "normal" ? 0 : 1)) return undefined;
      }
    }
    return true;
  });

/** As the gateway sees them. */
async function readEpochs() {
  const figure = await readFigures("api-gateway");
  return { state: figure("redis_epoch", { role: "state" }), cache: figure("redis_epoch", { role: "cache" }) };
}

beforeAll(async () => {
  person = await registerPerson(running.stack.url);
  const { id } = await person.client.generations.submit({ prompt: "a library with books" });
  await waitUntilEnded(person.client, id);
}, 60_000);

it("shows of every service how it finds Redis, and how long its answers take", async () => {
  await becomes("normal");
  for (const service of names) {
    const figure = await readFigures(service);
    for (const role of services[service]) {
      expect([service, role, figure("redis_role_mode", { role, mode: "degraded" })]).toEqual([
        service,
        role,
        0,
      ]);
    }
    expect([service, figure("redis_breaker_open")]).toEqual([service, 0]);
  }
  for (const service of ["api-gateway", "auth", "cache", "generation-worker"]) {
    const figure = await readFigures(service);
    const answered = figure("redis_operation_duration_seconds_count", { outcome: "ok" });
    expect([service, answered > 0]).toEqual([service, true]);
  }
});

it("shows what each part of redis-kit did for one generation", async () => {
  const gateway = await readFigures("api-gateway");
  expect(gateway("redis_session_finds_total", { outcome: "found" })).toBeGreaterThan(0);
  expect(gateway("redis_cache_reads_total")).toBeGreaterThan(0);
  expect(gateway("redis_queue_adds_total", { queue: "generation", outcome: "ok" })).toBe(1);
  const worker = await readFigures("generation-worker");
  expect(
    worker("redis_bus_messages_total", { direction: "published", way: "redis", outcome: "ok" }),
  ).toBeGreaterThan(0);
  expect(worker("redis_queue_jobs_total", { queue: "generation", outcome: "completed" })).toBe(1);
  expect(worker("redis_queue_job_duration_seconds_count", { outcome: "completed" })).toBe(1);
  const { state, cache } = await readEpochs();
  for (const service of keepTrust) {
    const figure = await readFigures(service);
    for (const [role, epoch] of [
      ["state", state],
      ["cache", cache],
    ] as const) {
      expect([service, role, figure("redis_epoch", { role })]).toEqual([service, role, epoch]);
      expect(figure("redis_trust_verdict", { role, verdict: "trusted" })).toBe(1);
    }
    expect(figure("redis_trust_looks_total", { outcome: "ok" })).toBeGreaterThan(0);
    expect(figure("redis_journal_open_rows")).toBe(0);
  }
});

it("shows of every service that Redis was killed, why, and that it is back as another server", async () => {
  const { stack } = running;
  const before = await readEpochs();
  await stack.kill("redis");
  try {
    await becomes("degraded");
    await person.client.auth.session();
    for (const service of names) {
      const figure = await readFigures(service);
      for (const role of services[service]) {
        const seen = {
          normal: figure("redis_role_mode", { role, mode: "normal" }),
          changes: figure("redis_role_transitions_total", { role, mode: "degraded", reason: "unreachable" }),
        };
        expect([service, role, seen]).toEqual([service, role, { normal: 0, changes: 1 }]);
      }
      // Without Redis nothing is stuck: a worker looks at the rows.
      for (const { url } of partsOf(service)) expect((await fetch(`${url}/livez`)).status).toBe(200);
    }
    const gateway = await readFigures("api-gateway");
    expect(gateway("redis_session_finds_total", { source: "truth", outcome: "found" })).toBeGreaterThan(0);
  } finally {
    await stack.restartPart("redis");
  }
  await becomes("normal");
  await waitFor("the next epoch is trusted", async () => {
    for (const service of keepTrust) {
      const figure = await readFigures(service);
      for (const role of services[service]) {
        if (figure("redis_epoch", { role }) <= before[role]) return undefined;
        if (figure("redis_epoch_changes_total", { role }) === 0) return undefined;
        if (figure("redis_trust_verdict", { role, verdict: "trusted" }) !== 1) return undefined;
      }
    }
    return true;
  });
}, 60_000);
