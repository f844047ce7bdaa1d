import { createServer, get as openRequest, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import request from "supertest";
import { createMemoryGateway, generationId, newEvent, newGeneration } from "../testing/memory-gateway";

const path = `/api/v1/generations/${generationId}/events`;

function setup() {
  const gateway = createMemoryGateway();
  gateway.state.generation = newGeneration({ status: "completed", lastSeq: 3 });
  gateway.state.events = [
    newEvent(1, { type: "queued" }),
    newEvent(2, { type: "file:delta", path: "a.ts", text: "line\n\ndata: not an event\n" }),
    newEvent(3, { type: "completed", files: 1 }),
  ];
  return { ...gateway, get: (url: string) => request(gateway.app).get(url).set("Cookie", gateway.cookie) };
}

function idsOf(text: string): number[] {
  return [...text.matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1]));
}

it("sends the whole log with its sequence numbers and ends after the last event", async () => {
  const { get, calls, state } = setup();
  const response = await get(path);
  expect(response.headers["content-type"]).toBe("text/event-stream; charset=utf-8");
  expect(response.headers["cache-control"]).toBe("no-store");
  expect(idsOf(response.text)).toEqual([1, 2, 3]);
  const data = [...response.text.matchAll(/^data: (.*)$/gm)].map((match) => JSON.parse(match[1]!) as unknown);
  expect(data).toEqual(state.events);
  expect(calls).toEqual(["feed closed"]);
});

it("goes on behind Last-Event-ID, or behind `after`", async () => {
  const { get } = setup();
  expect(idsOf((await get(path).set("Last-Event-ID", "1")).text)).toEqual([2, 3]);
  expect(idsOf((await get(`${path}?after=2`)).text)).toEqual([3]);
});

it("goes on behind the end of a run that was tried again", async () => {
  const { get, state } = setup();
  state.generation = newGeneration({ status: "completed", lastSeq: 4 });
  state.events = [
    newEvent(1, { type: "queued" }),
    newEvent(2, { type: "cancelled" }),
    newEvent(3, { type: "queued" }),
    newEvent(4, { type: "completed", files: 1 }),
  ];
  expect(idsOf((await get(path)).text)).toEqual([1, 2, 3, 4]);
});

it("leaves nothing behind when following fails", async () => {
  let stopped = 0;
  const gateway = createMemoryGateway({
    feed: { follow: () => Promise.reject(new Error("the feed is closed")) },
    news: {
      queued: () => Promise.resolve(),
      cancelled: () => Promise.resolve(),
      changed: () => Promise.resolve(),
      onSessionRevoked: () => () => (stopped += 1),
    },
  });
  await expect(request(gateway.app).get(path).set("Cookie", gateway.cookie)).rejects.toThrow();
  expect(stopped).toBe(1);
});

it("sends nothing, not even a stream, to who has seen the end", async () => {
  const { get } = setup();
  expect((await get(path).set("Last-Event-ID", "3")).status).toBe(204);
});

it("refuses an id that is none", async () => {
  expect((await setup().get(path).set("Last-Event-ID", "x")).status).toBe(400);
});

it("ends when the session is revoked", async () => {
  const { get, state } = setup();
  state.events = [newEvent(1, { type: "queued" })];
  setTimeout(() => {
    state.heardRevocation();
  }, 50);
  expect(idsOf((await get(path)).text)).toEqual([1]);
});

it("ends when the process stops", async () => {
  const { get, state, draining } = setup();
  state.events = [newEvent(1, { type: "queued" })];
  setTimeout(() => {
    draining.abort();
  }, 50);
  expect(idsOf((await get(path)).text)).toEqual([1]);
});

it("lets nobody see another's", async () => {
  const { get } = setup();
  expect((await get("/api/v1/generations/01890000-0000-7000-8000-0000000000bb/events")).status).toBe(404);
});

it("refuses more streams than one person may have open, until one of them has ended", async () => {
  const { app, cookie, state } = setup();
  state.events = [newEvent(1, { type: "queued" })];
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  const open = () =>
    new Promise<IncomingMessage>((resolve, reject) => {
      openRequest(url, { headers: { cookie } }, resolve).on("error", reject);
    });
  const streams = await Promise.all(Array.from({ length: 20 }, open));
  expect(new Set(streams.map(({ statusCode }) => statusCode))).toEqual(new Set([200]));
  const refused = await open();
  expect([refused.statusCode, refused.headers["retry-after"]]).toEqual([429, "5"]);
  refused.destroy();
  streams[0]!.destroy();
  const endsAt = Date.now() + 5000;
  let again = await open();
  while (again.statusCode === 429 && Date.now() < endsAt) {
    again.destroy();
    again = await open();
  }
  expect(again.statusCode).toBe(200);
  server.closeAllConnections();
  server.close();
});
