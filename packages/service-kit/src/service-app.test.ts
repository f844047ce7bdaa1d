import { withRequestBudget } from "@vibe-friend/redis-kit/degradation/budget";
import { createMemoryRole } from "@vibe-friend/redis-kit/testing/memory-role";
import request from "supertest";
import { z } from "zod";
import { createHealth } from "./health";
import { createMetrics } from "./metrics";
import { parseInput } from "./parse-input";
import { ProblemError } from "./problem-error";
import { createServiceApp } from "./service-app";
import { createRecordingLogger } from "./testing/recording-logger";

const bodySchema = z.strictObject({ name: z.string().min(1), size: z.number().optional() });

function setup() {
  const logger = createRecordingLogger();
  const health = createHealth();
  const app = createServiceApp({ logger, health, metrics: createMetrics("test") }, (express) => {
    express.post("/things", (incoming, response) => {
      response.status(201).json(parseInput(bodySchema, incoming.body));
    });
    express.get("/things/:id", (incoming, response) => void response.json({ id: incoming.params.id }));
    express.get("/bug", () => {
      throw new Error("password=hunter2");
    });
    express.get("/full", () => {
      throw new ProblemError("quota_exceeded", { detail: "20 are open", retryAfterSeconds: 30 });
    });
    express.get("/down", () => {
      throw new ProblemError("unavailable", { cause: new Error("ECONNREFUSED") });
    });
    express.get("/domain", () => {
      throw Object.assign(new Error("It has ended"), { code: "wrong_state" });
    });
  });
  return { app, logger, health };
}

describe("service app", () => {
  it("is alive until it says that it is stuck, and is left alone while it drains", async () => {
    const { app, health } = setup();
    const reasons: string[] = [];
    health.stalledWhen(() => reasons[0]);
    expect((await request(app).get("/livez")).body).toEqual({ status: "alive" });
    reasons.push("no look for 40 s");
    const stalled = await request(app).get("/livez");
    expect([stalled.status, stalled.body]).toEqual([503, { status: "stalled", reason: "no look for 40 s" }]);
    health.startDraining();
    expect((await request(app).get("/livez")).status).toBe(200);
  });

  it("keeps a sane request id and replaces another", async () => {
    const { app } = setup();
    const kept = await request(app).get("/livez").set("X-Request-Id", "abc-123");
    expect(kept.headers["x-request-id"]).toBe("abc-123");
    const replaced = await request(app).get("/livez").set("X-Request-Id", 'x"><script>');
    expect(replaced.headers["x-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each([
    ["broken JSON", "{", "application/json", 400, "malformed_json"],
    ["another media type", "name=x", "application/x-www-form-urlencoded", 415, "unsupported_media_type"],
    [
      "a large body",
      JSON.stringify({ name: "x".repeat(300_000) }),
      "application/json",
      413,
      "payload_too_large",
    ],
    [
      "a body of 1 MB",
      JSON.stringify({ name: "x".repeat(1_000_000) }),
      "application/json",
      413,
      "payload_too_large",
    ],
    ["a wrong field", '{"name":"","size":"1"}', "application/json", 400, "invalid_request"],
    ["no object", "[]", "application/json", 400, "invalid_request"],
    ["a wrong charset", "{}", "application/json; charset=koi8-r", 415, "unsupported_media_type"],
  ])("answers %s with a problem document", async (...[, body, type, status, code]) => {
    const response = await request(setup().app).post("/things").set("Content-Type", type).send(body);
    expect(response.status).toBe(status);
    expect(response.headers["content-type"]).toContain("application/problem+json");
    expect(JSON.parse(response.text)).toMatchObject({
      type: "about:blank",
      status,
      code,
      instance: "/things",
      requestId: response.headers["x-request-id"],
    });
  });

  it("answers a body that isn't packed as it says", async () => {
    const response = await request(setup().app)
      .post("/things")
      .set("Content-Type", "application/json")
      .set("Content-Encoding", "gzip")
      .send('{"name":"plain"}');
    expect(response.status).toBe(400);
    expect(JSON.parse(response.text)).toMatchObject({ code: "invalid_request" });
  });

  it("names every wrong field", async () => {
    const response = await request(setup().app).post("/things").send({ name: "", size: "1", extra: 1 });
    const { errors } = JSON.parse(response.text) as { errors: { path: string; message: string }[] };
    expect(errors.map((error) => error.path).sort()).toEqual(["extra", "name", "size"]);
  });

  it("says nothing of a bug but its request id, and logs it", async () => {
    const { app, logger } = setup();
    const response = await request(app).get("/bug");
    expect(response.status).toBe(500);
    expect(response.text).not.toContain("hunter2");
    expect(logger.lines).toMatchObject([{ level: "error", fields: { code: "internal", path: "/bug" } }]);
  });

  it("sends Retry-After with 429 and 503", async () => {
    const { app } = setup();
    const full = await request(app).get("/full");
    expect([full.status, full.headers["retry-after"]]).toEqual([429, "30"]);
    const down = await request(app).get("/down");
    expect([down.status, down.headers["retry-after"]]).toEqual([503, "2"]);
    expect(down.text).not.toContain("ECONNREFUSED");
  });

  it("answers a domain error by its code", async () => {
    const response = await request(setup().app).get("/domain");
    expect(JSON.parse(response.text)).toMatchObject({
      status: 409,
      code: "wrong_state",
      detail: "It has ended",
    });
  });

  it("answers an address that isn't well encoded and one that nobody has", async () => {
    const { app } = setup();
    expect((await request(app).get("/things/%E0%A4%A")).status).toBe(400);
    expect((await request(app).get("/nowhere")).status).toBe(404);
  });

  it("sends headers under which a browser runs nothing", async () => {
    const { headers } = await request(setup().app).get("/things/1");
    expect(headers["content-security-policy"]).toContain("default-src 'none'");
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(headers["x-powered-by"]).toBeUndefined();
  });

  it("is unready and closes connections from the first moment of a stop", async () => {
    const { app, health } = setup();
    expect((await request(app).get("/readyz")).status).toBe(200);
    health.startDraining();
    const response = await request(app).get("/readyz");
    expect(response.status).toBe(503);
    expect(response.headers["connection"]).toBe("close");
  });

  it("counts requests by the route's pattern, never by path", async () => {
    const { app } = setup();
    await request(app).get("/things/secret-id");
    const { text } = await request(app).get("/metrics");
    expect(text).toContain('route="/things/:id"');
    expect(text).not.toContain("secret-id");
    expect(text).toContain("process_cpu_seconds_total");
  });
});

describe("what goes around requests", () => {
  it("gives each request 200 ms for all its Redis waits, also behind a body", async () => {
    const role = createMemoryRole();
    const wait = (ms: number) =>
      role.guard.run(
        "test.wait",
        "a",
        () => new Promise<string>((resolve) => setTimeout(resolve, ms, "done")),
      );
    const parts = { logger: createRecordingLogger(), health: createHealth(), metrics: createMetrics("test") };
    const app = createServiceApp(
      parts,
      (express) => {
        express.post("/waits", async (incoming, response) => {
          const { waits } = parseInput(z.object({ waits: z.array(z.number()) }), incoming.body);
          const kinds: string[] = [];
          for (const ms of waits) kinds.push((await wait(ms)).kind);
          response.json(kinds);
        });
      },
      { aroundRequests: withRequestBudget },
    );
    const ask = async (...waits: number[]) => {
      const response = await request(app).post("/waits").send({ waits });
      return response.body as string[];
    };
    const answers = await Promise.all([ask(1, 1, 1), ask(120, 120, 1), ask(1, 1, 1)]);
    const ok = ["ok", "ok", "ok"];
    expect(answers).toEqual([ok, ["ok", "unavailable", "unavailable"], ok]);
    await role.close();
  });
});
