import { spawn } from "node:child_process";
import { get } from "node:http";
import { join } from "node:path";
import { problemSchema } from "@vibe-friend/contracts/problem";
import { registerPerson, waitUntilEnded, type Person } from "./person";
import { connectSubscriber } from "./raw-subscriber";
import { useStack } from "./running-stack";

const root = join(__dirname, "../../..");

describe("Bad input", () => {
  const running = useStack({ redis: false, env: { BUILT_IN_ENGINE_RATE: "0" } });
  let person: Person;
  let other: Person;
  let finished: string;

  beforeAll(async () => {
    person = await registerPerson(running.stack.url);
    other = await registerPerson(running.stack.url);
    const { id } = await person.client.generations.submit({ prompt: "a library with books (title)" });
    finished = id;
    await waitUntilEnded(person.client, id);
  }, 60_000);

  interface Call {
    readonly method?: string;
    readonly body?: string;
    readonly headers?: Record<string, string>;
    readonly as?: Person | undefined;
  }

  async function call(path: string, { method = "GET", body, headers, as = person }: Call = {}) {
    const response = await fetch(`${running.stack.url}/api/v1${path}`, {
      method,
      ...(body === undefined ? {} : { body }),
      headers: {
        cookie: as.jar.header() ?? "",
        "x-csrf-token": as.csrfToken,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
    });
    const text = await response.text();
    return { response, text };
  }

  async function expectProblem(
    path: string,
    options: Call,
    expected: { status: number; code: string; path?: string },
  ) {
    const { response, text } = await call(path, options);
    expect([response.status, text]).toEqual([expected.status, expect.any(String)]);
    expect(response.headers.get("content-type")).toMatch(/^application\/problem\+json/);
    const problem = problemSchema.parse(JSON.parse(text));
    expect(problem).toMatchObject({ status: expected.status, code: expected.code });
    expect(problem.requestId).toBe(response.headers.get("x-request-id"));
    if (expected.path !== undefined) {
      expect(problem.errors?.map((error) => error.path)).toContain(expected.path);
    }
  }

  const submit = (body: string): Call => ({ method: "POST", body });

  it("broken JSON is malformed_json", () =>
    expectProblem("/generations", submit('{"prompt":'), { status: 400, code: "malformed_json" }));

  it("an empty prompt names the prompt", () =>
    expectProblem("/generations", submit('{"prompt":"  "}'), {
      status: 400,
      code: "invalid_request",
      path: "prompt",
    }));

  it("a prompt of 1 MB is too large", () =>
    expectProblem("/generations", submit(JSON.stringify({ prompt: "x".repeat(1024 * 1024) })), {
      status: 413,
      code: "payload_too_large",
    }));

  it("an unknown engine names the engine", () =>
    expectProblem("/generations", submit('{"prompt":"a shop","engine":"magic"}'), {
      status: 400,
      code: "invalid_request",
      path: "engine",
    }));

  it("an unknown field is refused", async () => {
    const { response } = await call("/generations", submit('{"prompt":"a shop","admin":true}'));
    expect(response.status).toBe(400);
  });

  it("another media type is 415", () =>
    expectProblem(
      "/generations",
      { method: "POST", body: "prompt=x", headers: { "content-type": "application/x-www-form-urlencoded" } },
      { status: 415, code: "unsupported_media_type" },
    ));

  it.each(["", "/files", "/archive.zip", "/events", "/files/package.json"])(
    "somebody else's generation is not found: %s",
    async (suffix) => {
      await expectProblem(
        `/generations/${finished}${suffix}`,
        { as: other },
        { status: 404, code: "not_found" },
      );
      await expectProblem(
        `/generations/019aaaaa-aaaa-7aaa-8aaa-aaaaaaaaaaaa${suffix}`,
        {},
        { status: 404, code: "not_found" },
      );
    },
  );

  it.each(["cancel", "retry"])("somebody else's generation can't be acted on: %s", (action) =>
    expectProblem(
      `/generations/${finished}/${action}`,
      { method: "POST", as: other },
      { status: 404, code: "not_found" },
    ),
  );

  it.each([
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e/etc/passwd",
    "%2fetc%2fpasswd",
    "src%5c..%5c..%5csecret",
    "a%00b",
    "src/%2e%2e/package.json",
    "../../../../etc/passwd",
  ])("a path that leaves its folder is refused: %s", async (path) => {
    const { status, contentType, text } = await askVerbatim(`/generations/${finished}/files/${path}`);
    expect([400, 404]).toContain(status);
    expect(text).not.toMatch(/root:|dependencies/);
    expect(contentType).toMatch(/^application\/problem\+json/);
  });

  /** `fetch` would put the path in order before it sends it. */
  function askVerbatim(path: string) {
    return new Promise<{ status?: number; contentType?: string; text: string }>((resolve, reject) => {
      const { hostname, port } = new URL(running.stack.url);
      const headers = { cookie: person.jar.header() };
      const request = get({ hostname, port, path: `/api/v1${path}`, headers }, (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => (text += chunk.toString()));
        response.on("end", () => {
          resolve({ status: response.statusCode, contentType: response.headers["content-type"], text });
        });
      });
      request.on("error", reject);
    });
  }

  it("an id that is none is not found either", () =>
    expectProblem("/generations/42", {}, { status: 404, code: "not_found" }));

  it("nobody gets nothing", async () => {
    const response = await fetch(`${running.stack.url}/api/v1/generations`);
    expect(response.status).toBe(401);
    expect(problemSchema.parse(await response.json())).toMatchObject({ code: "unauthenticated" });
  });

  it("a write without the CSRF token or from a foreign origin is refused", async () => {
    const body = '{"prompt":"a shop with products (name)"}';
    await expectProblem(
      "/generations",
      { ...submit(body), headers: { "x-csrf-token": "" } },
      { status: 403, code: "csrf_failed" },
    );
    await expectProblem(
      "/generations",
      { ...submit(body), headers: { origin: "https://evil.example" } },
      { status: 403, code: "csrf_failed" },
    );
  });

  it("an unknown route is a problem too", () =>
    expectProblem("/nowhere", {}, { status: 404, code: "not_found" }));

  it("a wrong Idempotency-Key names the header", () =>
    expectProblem(
      "/generations",
      { ...submit('{"prompt":"a shop"}'), headers: { "idempotency-key": "a b" } },
      { status: 400, code: "invalid_request", path: "headers.idempotency-key" },
    ));

  it("a socket from a foreign origin, without a session, or for a foreign generation gets nothing", async () => {
    const { url } = running.stack;
    const foreign = connectSubscriber(url, {
      cookie: person.jar.header(),
      headers: { origin: "https://evil.example" },
      resumes: false,
    });
    const nobody = connectSubscriber(url, { cookie: undefined, resumes: false });
    const stranger = connectSubscriber(url, { cookie: other.jar.header(), resumes: false });
    try {
      for (const refused of [foreign, nobody]) {
        await new Promise((resolve) => refused.socket.once("connect_error", resolve));
        expect(refused.socket.connected).toBe(false);
      }
      expect(await stranger.subscribe(finished)).toMatchObject({
        ok: false,
        problem: { status: 404, code: "not_found" },
      });
      expect(await stranger.subscribe("nonsense")).toMatchObject({
        ok: false,
        problem: { status: 400, code: "invalid_request" },
      });
      expect(stranger.received).toEqual([]);
    } finally {
      for (const subscriber of [foreign, nobody, stranger]) subscriber.close();
    }
  });
});

describe("A wrong start", () => {
  it.each([
    ["GENERATION_CONCURRENCY", "many", "services/generation-worker"],
    ["REDIS_PORT", "70000", "services/notification"],
    ["REDIS_SESSION_TTL", "1 day", "services/auth"],
    ["LOG_LEVEL", "loud", "services/cache"],
    ["GENERATION_MODE", "later", "services/api-gateway"],
  ])("%s=%s ends with one line that names it", async (name, value, service) => {
    const { code, output } = await run(process.execPath, [join(root, service, "dist/main.js")], {
      [name]: value,
      DATABASE_URL: "postgres://localhost:1/none",
      INTERNAL_TOKEN_SECRET: "a-secret-of-more-than-thirty-two-characters",
      AUTH_URL: "http://127.0.0.1:1",
      CACHE_URL: "http://127.0.0.1:1",
      NOTIFICATION_URLS: "http://127.0.0.1:1",
      CONSOLE_URL: "http://127.0.0.1:1",
      PORT: "0",
    });
    const lines = output.trim().split("\n");
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(name);
    expect(lines[0]).toContain(value);
    expect(code).toBe(1);
  });
});

function run(command: string, args: readonly string[], env: Record<string, string>) {
  return new Promise<{ code: number | null; output: string }>((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...env },
    });
    let output = "";
    const keep = (chunk: Buffer): void => {
      output += chunk.toString();
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ code, output });
    });
  });
}
