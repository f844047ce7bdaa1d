import { once } from "node:events";
import { connect, type AddressInfo } from "node:net";
import request from "supertest";
import { problems, type Problem } from "@vibe-friend/contracts/problem";
import { ProblemError } from "@vibe-friend/service-kit/problem-error";
import {
  createMemoryGateway,
  generationId,
  newEvent,
  newGeneration,
  sessionToken,
  userId,
} from "./testing/memory-gateway";
import { createMemoryQueues } from "./testing/memory-queues";

const generations = "/api/v1/generations";

function setup(...given: Parameters<typeof createMemoryGateway>) {
  const gateway = createMemoryGateway(...given);
  const { app, cookie, csrfToken } = gateway;
  return {
    ...gateway,
    get: (path: string) => request(app).get(path).set("Cookie", cookie),
    post: (path: string, body?: object) =>
      request(app).post(path).set("Cookie", cookie).set("X-CSRF-Token", csrfToken).send(body),
  };
}

function problemOf(response: { text: string }): Problem {
  return JSON.parse(response.text) as Problem;
}

describe("sessions", () => {
  it("are asked for, and a wrong one is refused", async () => {
    const { app } = setup();
    const none = await request(app).get(generations);
    expect([none.status, problemOf(none).code]).toEqual([401, "unauthenticated"]);
    const wrong = await request(app).get(generations).set("Cookie", "gvf_session=wrong");
    expect(wrong.status).toBe(401);
  });

  it("that can't be checked are 503 with Retry-After, and keep their cookie", async () => {
    const { get, state } = setup();
    state.found = { kind: "unavailable", cause: new Error("nobody there") };
    const response = await get(`/api/v1/auth/session`);
    expect(response.status).toBe(503);
    expect(response.headers["retry-after"]).toBeDefined();
    expect(response.headers["set-cookie"]).toBeUndefined();
  });

  it("show who is signed in, with the CSRF token of this session", async () => {
    const { get, csrfToken } = setup();
    const { body } = (await get("/api/v1/auth/session")) as { body: Record<string, unknown> };
    expect(body).toMatchObject({ csrfToken, roles: ["user"], session: { current: true, ip: null } });
  });

  it("of somebody disabled are none", async () => {
    const { get, state } = setup();
    state.access = { ...state.access, user: { ...state.access.user, disabled: true } };
    expect((await get(generations)).status).toBe(401);
  });

  it("need the permission of the route", async () => {
    const { get, state } = setup();
    expect((await get("/api/v1/admin/settings")).status).toBe(403);
    state.access = { ...state.access, permissions: ["settings:read"] };
    expect((await get("/api/v1/admin/settings")).status).toBe(200);
  });

  it("may come as a bearer token, which needs no CSRF token", async () => {
    const { app } = setup();
    const response = await request(app)
      .post(generations)
      .set("Authorization", `Bearer ${sessionToken}`)
      .send({ prompt: "a library" });
    expect(response.status).toBe(202);
  });
});

describe("signing in", () => {
  const login = { email: "ada@example.org", password: "correct horse battery" };

  it("sets the cookie for scripts out of reach, and ends the session of the old one", async () => {
    const { app, calls } = setup();
    const response = await request(app)
      .post("/api/v1/auth/login")
      .set("Cookie", "gvf_session=old")
      .send(login);
    expect(response.status).toBe(200);
    expect(response.headers["set-cookie"]?.[0]).toMatch(
      new RegExp(`^gvf_session=${sessionToken}; Path=/; Expires=.*; HttpOnly; SameSite=Lax$`),
    );
    expect(calls).toEqual(["login old"]);
    expect(response.text).not.toContain(sessionToken);
  });

  it("uses a __Host- cookie over HTTPS", async () => {
    const { app } = setup({}, { publicUrl: "https://vibe.example.org" });
    const response = await request(app).post("/api/v1/auth/register").send(login);
    expect(response.status).toBe(201);
    expect(response.headers["set-cookie"]?.[0]).toMatch(
      /^__Host-gvf_session=.*; HttpOnly; Secure; SameSite=Lax$/,
    );
  });

  it("is refused to pages of other sites", async () => {
    const { app, calls } = setup();
    const response = await request(app)
      .post("/api/v1/auth/login")
      .set("Origin", "https://evil.example")
      .send(login);
    expect(problemOf(response).code).toBe("csrf_failed");
    expect(calls).toEqual([]);
  });

  it("is 503 while accounts are down, and clears no cookie", async () => {
    const down = () => Promise.reject(new ProblemError("unavailable"));
    const { app } = setup({ accounts: { register: down, login: down, redeemLink: down, logout: down } });
    const response = await request(app).post("/api/v1/auth/login").send(login);
    expect(response.status).toBe(503);
    expect(response.headers["set-cookie"]).toBeUndefined();
  });

  it("out ends the session and clears the cookie", async () => {
    const { post } = setup();
    const response = await post("/api/v1/auth/logout");
    expect(response.status).toBe(204);
    expect(response.headers["set-cookie"]?.[0]).toMatch(/^gvf_session=; .*1970/);
  });
});

describe("bad input", () => {
  const cases: [string, (gateway: ReturnType<typeof setup>) => request.Test, keyof typeof problems][] = [
    ["broken JSON", ({ post }) => post(generations).type("json").send("{"), "malformed_json"],
    ["no body", ({ post }) => post(generations), "invalid_request"],
    ["an empty prompt", ({ post }) => post(generations, { prompt: " " }), "invalid_request"],
    [
      "a prompt of 1 MB",
      ({ post }) => post(generations, { prompt: "x".repeat(1_000_000) }),
      "payload_too_large",
    ],
    [
      "a prompt over the limit",
      ({ post }) => post(generations, { prompt: "x".repeat(32_001) }),
      "invalid_request",
    ],
    [
      "an unknown engine",
      ({ post }) => post(generations, { prompt: "x", engine: "magic" }),
      "invalid_request",
    ],
    ["an unknown field", ({ post }) => post(generations, { prompt: "x", root: true }), "invalid_request"],
    ["another media type", ({ post }) => post(generations).type("text").send("x"), "unsupported_media_type"],
    [
      "a wrong Idempotency-Key",
      ({ post }) => post(generations, { prompt: "x" }).set("Idempotency-Key", "a b"),
      "invalid_request",
    ],
    ["a wrong limit", ({ get }) => get(`${generations}?limit=1000`), "invalid_request"],
    ["a foreign id", ({ get }) => get(`${generations}/01890000-0000-7000-8000-0000000000bb`), "not_found"],
    ["an id that is none", ({ get }) => get(`${generations}/1`), "not_found"],
    [
      "a traversal",
      ({ get }) => get(`${generations}/${generationId}/files/..%2f..%2fetc%2fpasswd`),
      "invalid_path",
    ],
    ["a backslash", ({ get }) => get(`${generations}/${generationId}/files/..%5cx`), "invalid_path"],
    ["a NUL", ({ get }) => get(`${generations}/${generationId}/files/a%00b`), "invalid_path"],
    ["an unknown file", ({ get }) => get(`${generations}/${generationId}/files/none.ts`), "not_found"],
    [
      "no CSRF token",
      ({ app, cookie }) => request(app).post(generations).set("Cookie", cookie),
      "csrf_failed",
    ],
    [
      "a CSRF token of another session",
      ({ post }) => post(generations, { prompt: "x" }).set("X-CSRF-Token", "A".repeat(43)),
      "csrf_failed",
    ],
    [
      "a foreign Origin",
      ({ post }) => post(generations, { prompt: "x" }).set("Origin", "https://evil.example"),
      "csrf_failed",
    ],
    ["another method", ({ app }) => request(app).patch(generations), "method_not_allowed"],
    ["an unknown path", ({ get }) => get("/api/v1/nothing"), "not_found"],
    ["an internal path", ({ app }) => request(app).post("/internal/login"), "not_found"],
  ];

  it.each(cases)("%s gets its problem document", async (_name, send, code) => {
    const response = await send(setup());
    expect(response.headers["content-type"]).toContain("application/problem+json");
    expect(problemOf(response)).toMatchObject({
      code,
      status: problems[code].status,
      title: problems[code].title,
      requestId: response.headers["x-request-id"],
    });
    expect(response.status).toBe(problems[code].status);
    if (code === "invalid_request") expect(problemOf(response).errors?.length).toBeGreaterThan(0);
  });

  it("from nobody is not even parsed", async () => {
    const response = await request(setup().app).post(generations).type("json").send("{");
    expect(response.status).toBe(401);
  });
});

describe("submitting", () => {
  it("answers 202 with the row's address, and hands over", async () => {
    const { post, calls, handOver } = setup();
    const response = await post(generations, { prompt: "a library" }).set("Idempotency-Key", "k-1");
    expect(response.status).toBe(202);
    expect(response.headers["location"]).toBe(`${generations}/${generationId}`);
    await handOver.settled();
    expect(calls[0]).toContain('"key":"k-1"');
    expect(calls[1]).toBe(`queue ${generationId}`);
  });

  it("answers what the store refuses", async () => {
    const store = { submit: () => Promise.reject(new ProblemError("quota_exceeded")) };
    const { post } = setup({ store: store as never });
    const response = await post(generations, { prompt: "a library" });
    expect(response.status).toBe(429);
    expect(response.headers["retry-after"]).toBeDefined();
  });

  it("in sync mode answers 200 with the finished generation", async () => {
    const { post, state } = setup();
    state.events = [newEvent(1, { type: "queued" }), newEvent(2, { type: "completed", files: 1 })];
    state.generation = newGeneration({ status: "completed", lastSeq: 2 });
    const response = await post(generations, { prompt: "a library", mode: "sync" });
    expect(response.status).toBe(200);
    expect(response.body).toMatchObject({ generation: { status: "completed" } });
  });

  it("in sync mode answers 202 when the time is over", async () => {
    const { post } = setup();
    const response = await post(generations, { prompt: "a library", mode: "sync" });
    expect(response.status).toBe(202);
    expect(response.body).toMatchObject({ generation: { status: "queued" } });
  });

  it("follows the setting where the request says nothing, and the request where it does", async () => {
    const at = "2026-01-01T00:00:00.000Z";
    const items = [{ key: "generation.mode", value: "sync", updatedAt: at }];
    const { post, calls } = setup({
      settings: {
        read: () => Promise.resolve({ items }),
        describe: () => Promise.resolve({ stored: { items }, stale: false }),
        put: () => Promise.resolve({ items }),
      },
    });
    await post(generations, { prompt: "a library" });
    await post(generations, { prompt: "a library", mode: "async" });
    const modes = calls
      .filter((call) => call.startsWith("submit"))
      .map((call) => /"mode":"(\w+)"/.exec(call)?.[1]);
    expect(modes).toEqual(["sync", "async"]);
  });
});

describe("cancelling", () => {
  it("tells the worker and the followers", async () => {
    const { post, calls } = setup();
    const response = await post(`${generations}/${generationId}/cancel`);
    expect(response.body).toMatchObject({ generation: { status: "cancelled" } });
    expect(calls).toEqual([`news cancelled ${generationId}`, `news changed ${generationId}`]);
  });
});

describe("the edge", () => {
  it("serves the OpenAPI document and a page that runs nothing", async () => {
    const { app } = setup();
    const document = await request(app).get("/api/v1/openapi.json");
    expect(document.body).toMatchObject({ openapi: "3.1.0", info: { version: "1.2.3" } });
    const page = await request(app).get("/api/v1/docs");
    expect(page.headers["content-type"]).toContain("text/html");
    expect(page.headers["content-security-policy"]).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(page.text).toContain("submitGeneration");
    expect(page.text).not.toContain("<script");
  });

  it("answers pages of listed origins, and no others", async () => {
    const { app } = setup();
    const preflight = await request(app)
      .options(generations)
      .set("Origin", "https://app.example.org")
      .set("Access-Control-Request-Method", "POST");
    expect(preflight.status).toBe(204);
    expect(preflight.headers["access-control-allow-origin"]).toBe("https://app.example.org");
    const foreign = await request(app).get("/api/v1/auth/session").set("Origin", "https://evil.example");
    expect(foreign.headers["access-control-allow-origin"]).toBeUndefined();
  });

  it("says so when the console is down, in a page for people", async () => {
    const { app } = setup();
    const page = await request(app).get("/").set("Accept", "text/html");
    expect(page.status).toBe(503);
    expect(page.headers["content-type"]).toContain("text/html");
    expect(page.headers["retry-after"]).toBeDefined();
  });
});

describe("queues", () => {
  it("are shown, paused, resumed and retried by those who may, in the rows before Redis", async () => {
    const { get, post, state, calls } = setup();
    expect((await get("/api/v1/admin/queues")).status).toBe(403);
    state.access = { ...state.access, permissions: ["queues:read"] };
    const shown = await get("/api/v1/admin/queues");
    expect(shown.body).toMatchObject({
      items: [
        { name: "generation", pausedAt: null, deliveries: null },
        { name: "archive", pausedAt: null },
      ],
    });
    expect((await post("/api/v1/admin/queues/archive/pause")).status).toBe(403);
    state.access = { ...state.access, permissions: ["queues:write"] };
    const paused = await post("/api/v1/admin/queues/archive/pause");
    expect(paused.body).toMatchObject({ name: "archive", pausedAt: expect.any(String) as string });
    expect((await post("/api/v1/admin/queues/archive/resume")).body).toMatchObject({ pausedAt: null });
    const retried = await post("/api/v1/admin/queues/generation/retry-failed");
    expect(retried.body).toEqual({ retried: 0, left: 0 });
    expect((await post("/api/v1/admin/queues/cache-refresh/pause")).status).toBe(404);
    expect(calls).toEqual([
      `rows pause archive by ${userId}`,
      "redis pause archive",
      `rows resume archive by ${userId}`,
      "redis resume archive",
      "news resumed archive",
      "rows retry generation 500",
    ]);
  });
});

describe("overload", () => {
  const overload = { maxConcurrent: 1, maxWaiting: 1, maxQueued: 0 };

  it("refuses at once what finds no place, with Retry-After; probes and documents are answered", async () => {
    let answer: () => void = () => undefined;
    const slow = new Promise<never>((_, reject) => {
      answer = () => {
        reject(new ProblemError("not_found"));
      };
    });
    const { get, app } = setup({ access: { find: () => slow } }, { overload });
    const first = get(generations).then((response) => response.status);
    const second = get(generations).then((response) => response.status);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const refused = await get(generations);
    expect([refused.status, problemOf(refused).code]).toEqual([503, "unavailable"]);
    expect(refused.headers["retry-after"]).toBe("1");
    expect(refused.headers["content-type"]).toContain("application/problem+json");
    expect((await request(app).get("/livez")).status).toBe(200);
    expect((await request(app).get("/api/v1/openapi.json")).status).toBe(200);
    // Who waits for a place waits a second, not for as long as the others take.
    expect(await second).toBe(503);
    answer();
    expect(await first).toBe(404);
    expect((await get(generations)).status).toBe(404);
  });

  it("gives a place back while a stream goes on", async () => {
    const { get, app, cookie, state } = setup(
      { feed: { follow: () => new Promise(() => undefined) } },
      { overload },
    );
    state.generation = newGeneration({ status: "running" });
    const server = app.listen(0);
    const { port } = server.address() as { port: number };
    const abort = new AbortController();
    const stream = await fetch(`http://127.0.0.1:${port}${generations}/${generationId}/events`, {
      headers: { cookie },
      signal: abort.signal,
    });
    expect(stream.status).toBe(200);
    expect((await get(generations)).status).toBe(200);
    abort.abort();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it("gives a place back to others while a body is slow to come", async () => {
    const { app, cookie } = setup({}, { overload });
    const server = app.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const slow = connect(port, "127.0.0.1");
    slow.write("POST /api/v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n");
    slow.write("Content-Length: 100\r\n\r\n{");
    await new Promise((resolve) => setTimeout(resolve, 100));
    const other = await fetch(`http://127.0.0.1:${port}${generations}`, { headers: { cookie } });
    expect(other.status).toBe(200);
    slow.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it("refuses submissions while too many generations wait over all people, and goes on with the rest", async () => {
    const { post, get, calls } = setup(
      { queues: { ...createMemoryQueues(() => Promise.resolve()), rows: fullRows } },
      { overload: { maxConcurrent: 10, maxWaiting: 10, maxQueued: 5 } },
    );
    const refused = await post(generations, { prompt: "a library" });
    expect([refused.status, problemOf(refused).code]).toEqual([503, "unavailable"]);
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(1);
    expect((await post(`${generations}/${generationId}/retry`)).status).toBe(503);
    expect(calls).toEqual([]);
    expect((await get(generations)).status).toBe(200);
  });
});

const fullRows = {
  ...createMemoryQueues(() => Promise.resolve()).rows,
  countQueued: (most: number) => Promise.resolve(most),
};
