import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHealth } from "@vibe-friend/service-kit/health";
import { createLogger } from "@vibe-friend/service-kit/logger";
import { createMetrics } from "@vibe-friend/service-kit/metrics";
import request from "supertest";
import { createApp } from "./app";

describe("the console's server", () => {
  const webRoot = mkdtempSync(join(tmpdir(), "console-web-"));
  const app = createApp({
    logger: createLogger("console", { level: "error", format: "json" }),
    metrics: createMetrics("console"),
    health: createHealth(),
    webRoot,
  });

  beforeAll(() => {
    mkdirSync(join(webRoot, "assets"));
    writeFileSync(join(webRoot, "index.html"), "<!doctype html><title>vibe-friend</title>");
    writeFileSync(join(webRoot, "favicon.svg"), "<svg/>");
    writeFileSync(join(webRoot, "assets", "main-abc123.js"), "1;");
  });

  afterAll(() => {
    rmSync(webRoot, { recursive: true });
  });

  it.each(["/", "/g/01890000-0000-7000-8000-000000000001", "/link", "/history?q=a"])(
    "serves the page at %s, to be asked for every time",
    async (path) => {
      const response = await request(app).get(path).set("accept", "text/html").expect(200);
      expect(response.text).toContain("<title>vibe-friend</title>");
      expect(response.headers["cache-control"]).toBe("no-cache");
    },
  );

  it.each([
    ["Range", "bytes=999999-"],
    ["If-Match", '"another"'],
  ])("serves the whole page whatever %s asks", async (name, value) => {
    await request(app).get("/").set("accept", "text/html").set(name, value).expect(200);
  });

  it("lets the browser keep assets, and nothing else", async () => {
    const asset = await request(app).get("/assets/main-abc123.js").expect(200);
    expect(asset.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
    const icon = await request(app).get("/favicon.svg").expect(200);
    expect(icon.headers["cache-control"]).toBe("no-cache");
  });

  it("answers 404 for an asset of an older build instead of the page", async () => {
    const response = await request(app).get("/assets/main-old.js").expect(404);
    expect(response.headers["content-type"]).toContain("application/problem+json");
    expect(response.headers["cache-control"] ?? "").not.toContain("immutable");
  });

  it.each(["/../package.json", "/assets/..%2f..%2fpackage.json", "/%2e%2e/secret.txt"])(
    "gives nothing from outside its folder for %s",
    async (path) => {
      const response = await request(app).get(path);
      expect(response.text).not.toContain("vibe-friend/console");
    },
  );

  it("forbids scripts that are not its own", async () => {
    const { headers } = await request(app).get("/").expect(200);
    const policy = headers["content-security-policy"] ?? "";
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toContain("unsafe-eval");
    expect(policy).not.toContain("upgrade-insecure-requests");
  });

  it("is alive, ready and measured", async () => {
    await request(app).get("/livez").expect(200);
    await request(app).get("/readyz").expect(200);
    await request(app).get("/metrics").expect(200);
  });
});
