import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import jwt from "jsonwebtoken";
import { z } from "zod";
import { createInternalClient } from "./internal-client";
import { createInternalRoutes } from "./internal-routes";
import { signInternalToken, verifyInternalToken } from "./internal-token";
import { createErrorHandler } from "./problem-response";
import { ProblemError } from "./problem-error";
import { createRecordingLogger } from "./testing/recording-logger";

const secret = "s".repeat(32);
const calls = {
  double: { body: z.strictObject({ n: z.number() }), result: z.strictObject({ n: z.number() }) },
} as const;

describe("internal token", () => {
  it("says who calls", () => {
    const token = signInternalToken({ issuer: "api-gateway", audience: "auth", secret });
    expect(verifyInternalToken(token, { audience: "auth", secret })).toBe("api-gateway");
  });

  it.each([
    ["for another service", { audience: "cache" }],
    ["of another secret", { secret: "x".repeat(32) }],
    ["signed two minutes ago", { clockOffsetMs: -120_000 }],
    ["signed two minutes ahead", { clockOffsetMs: 120_000 }],
  ])("refuses one %s", (_name, wrong) => {
    const token = signInternalToken({ issuer: "api-gateway", audience: "auth", secret, ...wrong });
    expect(() => verifyInternalToken(token, { audience: "auth", secret })).toThrow();
  });
});

describe("internal call", () => {
  let close: () => Promise<void>;
  let url: string;

  beforeEach(async () => {
    const app = express();
    app.use(express.json());
    app.use(
      createInternalRoutes({
        calls,
        audience: "cache",
        secret,
        handlers: {
          double: async ({ n }) => {
            if (n === 429) throw new ProblemError("rate_limited", { retryAfterSeconds: 37 });
            if (n === 0) throw new ProblemError("not_found", { detail: "no nought" });
            if (n < 0) await new Promise((resolve) => setTimeout(resolve, 300));
            return { n: n * 2 };
          },
        },
      }),
    );
    app.use(createErrorHandler(createRecordingLogger()));
    const server = createServer(app);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    close = () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      });
  });

  afterEach(async () => {
    await close();
  });

  const client = (overrides: { audience?: string; timeoutMs?: number; url?: string | string[] } = {}) =>
    createInternalClient({
      calls,
      url,
      audience: "cache",
      issuer: "api-gateway",
      secret,
      timeoutMs: 2000,
      logger: createRecordingLogger(),
      ...overrides,
    });

  it("passes on how long the other side wants to be left alone", async () => {
    const client = createInternalClient({
      ...{ calls, url, audience: "cache", issuer: "api-gateway", secret, timeoutMs: 5000 },
      logger: createRecordingLogger(),
    });
    await expect(client.call("double", { n: 429 })).rejects.toMatchObject({
      code: "rate_limited",
      details: { retryAfterSeconds: 37 },
    });
  });

  it("brings the answer", async () => {
    await expect(client().call("double", { n: 4 })).resolves.toEqual({ n: 8 });
  });

  it("brings the other side's problem as an error", async () => {
    await expect(client().call("double", { n: 0 })).rejects.toMatchObject({
      code: "not_found",
      message: "no nought",
    });
  });

  it("is unavailable when the deadline passes", async () => {
    await expect(client({ timeoutMs: 50 }).call("double", { n: -1 })).rejects.toMatchObject({
      code: "unavailable",
    });
  });

  it("is unavailable, never unauthenticated, when the token is refused", async () => {
    await expect(client({ audience: "auth" }).call("double", { n: 1 })).rejects.toMatchObject({
      code: "unavailable",
    });
  });

  it("is unavailable when nobody listens", async () => {
    await close();
    await expect(client().call("double", { n: 1 })).rejects.toMatchObject({ code: "unavailable" });
    close = () => Promise.resolve();
  });

  it("passes over an address that takes no connection", async () => {
    const gone = createServer();
    await new Promise<void>((resolve) => gone.listen(0, "127.0.0.1", resolve));
    const nowhere = `http://127.0.0.1:${(gone.address() as AddressInfo).port}`;
    await new Promise((resolve) => gone.close(resolve));
    const caller = client({ url: [nowhere, url] });
    await expect(caller.call("double", { n: 4 })).resolves.toEqual({ n: 8 });
    await expect(caller.call("double", { n: 5 })).resolves.toEqual({ n: 10 });
    const nobody = client({ url: [nowhere, nowhere] });
    await expect(nobody.call("double", { n: 1 })).rejects.toMatchObject({ code: "unavailable" });
  });

  it("never sends a call again that may have reached somebody", async () => {
    let asked = 0;
    const breaking = createServer((_, response) => {
      asked += 1;
      response.destroy();
    });
    await new Promise<void>((resolve) => breaking.listen(0, "127.0.0.1", resolve));
    const caller = client({ url: [`http://127.0.0.1:${(breaking.address() as AddressInfo).port}`, url] });
    await expect(caller.call("double", { n: 1 })).rejects.toMatchObject({ code: "unavailable" });
    expect(asked).toBe(1);
    breaking.close();
  });

  it("learns the other side's clock when the machines differ by minutes", async () => {
    let refused = 0;
    const server = createServer((request, response) => {
      const theirNow = Date.now() + 300_000;
      const token = jwt.decode(request.headers.authorization?.split(" ")[1] ?? "") as { iat: number };
      const isFresh = Math.abs(theirNow / 1000 - token.iat) < 60;
      if (!isFresh) refused += 1;
      response.writeHead(isFresh ? 200 : 401, {
        date: new Date(theirNow).toUTCString(),
        "content-type": "application/json",
      });
      response.end(JSON.stringify(isFresh ? { n: 4 } : {}));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const caller = client({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
    await expect(caller.call("double", { n: 2 })).resolves.toEqual({ n: 4 });
    await expect(caller.call("double", { n: 2 })).resolves.toEqual({ n: 4 });
    expect(refused).toBe(1);
    server.closeAllConnections();
    server.close();
  });
});
