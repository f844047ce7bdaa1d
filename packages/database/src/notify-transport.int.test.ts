import { useTestPostgres, type TestDatabase } from "@vibe-friend/local-stack/test-servers";
import type { BusTransport } from "@vibe-friend/redis-kit/bus/bus-transport";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { createNotifyTransport } from "./notify-transport";

let postgres: TestDatabase;
let client: Client;
const opened: BusTransport[] = [];

beforeAll(async () => {
  postgres = await useTestPostgres();
  client = new Client({ connectionString: postgres.url });
  await client.connect();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((transport) => transport.close()));
});
afterAll(async () => {
  await client.end();
  await postgres.drop();
});

function open(directUrl = postgres.url): BusTransport {
  const transport = createNotifyTransport({ directUrl, applicationName: "notify test" });
  opened.push(transport);
  return transport;
}

async function until(isTrue: () => boolean): Promise<void> {
  for (let left = 200; !isTrue(); left -= 1) {
    if (left === 0) throw new Error("it didn't happen within 4 s");
    await sleep(20);
  }
}

it("delivers to every process that listens to the topic, and to no other topic", async () => {
  const [sender, reader] = [open(), open()];
  const heard: [string, unknown][] = [];
  await reader.subscribe("a", (message) => heard.push(["reader", message]));
  await sender.subscribe("a", (message) => heard.push(["sender", message]));
  await reader.subscribe("b", (message) => heard.push(["other", message]));
  await sender.publish("a", { seqTo: 7, text: "it's 'quoted' \\ €" });
  await until(() => heard.length === 2);
  expect(heard.map(([who]) => who).sort()).toEqual(["reader", "sender"]);
  expect(heard[0]?.[1]).toEqual({ seqTo: 7, text: "it's 'quoted' \\ €" });
});

it("gathers what is published within 50 ms into one NOTIFY, in order", async () => {
  const sender = open();
  const payloads: string[] = [];
  const heard: unknown[] = [];
  client.on("notification", ({ payload }) => payloads.push(payload ?? ""));
  await client.query("listen gvf_bus");
  await sender.subscribe("a", (message) => heard.push(message));
  for (let i = 0; i < 100; i += 1) void sender.publish("a", i);
  await until(() => heard.length === 100);
  await client.query("unlisten gvf_bus");
  expect(payloads).toHaveLength(1);
  expect(heard).toEqual(Array.from({ length: 100 }, (_, i) => i));
});

it("stops delivering once unsubscribed, also when one function is subscribed twice", async () => {
  const transport = open();
  const heard: unknown[] = [];
  const handler = (message: unknown) => heard.push(message);
  const unsubscribe = await transport.subscribe("a", handler);
  await transport.subscribe("a", handler);
  unsubscribe();
  await transport.publish("a", 1);
  await until(() => heard.length > 0);
  await sleep(50);
  expect(heard).toEqual([1]);
});

it("reports a gap when its connection is cut and again when it is back, and delivers again", async () => {
  const [sender, reader] = [open(), open()];
  const heard: unknown[] = [];
  const gaps: number[] = [];
  await reader.subscribe("a", (message) => heard.push(message));
  await sender.subscribe("a", () => undefined);
  reader.onGap(() => gaps.push(Date.now()));
  await client.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'notify test' and datname = current_database()",
  );
  await until(() => gaps.length === 2);
  await sender.subscribe("b", () => undefined);
  await sender.publish("a", "after");
  await until(() => heard.includes("after"));
});

it("keeps the news from nobody when one reader's handler throws", async () => {
  const transport = open();
  const heard: unknown[] = [];
  await transport.subscribe("a", () => {
    throw new Error("a mistake");
  });
  await transport.subscribe("a", (message) => heard.push(message));
  await transport.publish("a", 1);
  await until(() => heard.length === 1);
});

it("never throws into the publisher while Postgres is away; subscribing is refused", async () => {
  const transport = open("postgres://nobody@127.0.0.1:1/x");
  await transport.publish("a", 1);
  await expect(transport.subscribe("a", () => undefined)).rejects.toMatchObject({ code: "unavailable" });
  await sleep(100);
}, 10_000);
