import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { currentRedisBudget, withRedisBudget } from "@vibe-friend/redis-kit/degradation/budget";
import { budgetHeaders, withCallersBudget } from "@vibe-friend/redis-kit/degradation/callers-budget";
import request from "supertest";
import { z } from "zod";
import { createHealth } from "./health";
import { createInternalClient } from "./internal-client";
import { createInternalRoutes } from "./internal-routes";
import { createMetrics } from "./metrics";
import { createServiceApp } from "./service-app";
import { createRecordingLogger } from "./testing/recording-logger";

const secret = "s".repeat(32);
const calls = { left: { body: z.strictObject({}), result: z.strictObject({ leftMs: z.number() }) } } as const;
const logger = createRecordingLogger();

function createApp() {
  return createServiceApp(
    { logger, health: createHealth(), metrics: createMetrics("test") },
    (app) => {
      const left = () => Promise.resolve({ leftMs: currentRedisBudget()?.leftMs() ?? -1 });
      app.get("/left", (_request, response, next) => {
        left().then((answer) => response.json(answer), next);
      });
      app.use(createInternalRoutes({ calls, audience: "cache", secret, handlers: { left } }));
    },
    { aroundRequests: withCallersBudget },
  );
}

it("gives the service that is called what the request may still wait for Redis, and no more", async () => {
  const server = createServer(createApp());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = createInternalClient({
    ...{
      calls,
      url,
      audience: "cache",
      issuer: "api-gateway",
      secret,
      timeoutMs: 2000,
      logger,
      headers: budgetHeaders,
    },
  });
  const ask = async () => (await client.call("left", {})).leftMs;
  expect(await withRedisBudget(30, ask)).toBe(30);
  expect(await withRedisBudget(0, ask)).toBe(0);
  expect(await withRedisBudget(10_000, ask)).toBe(200);
  // On the caller's own behalf.
  expect(await ask()).toBe(200);
  server.closeAllConnections();
  server.close();
});

it.each(["", "-1", "1e3", "50, 60", "many"])("takes no budget from the header %j", async (header) => {
  const answer = await request(createApp()).get("/left").set("x-redis-budget-ms", header);
  expect(answer.body).toEqual({ leftMs: 200 });
});
