import { createServer, request as send, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import request from "supertest";
import { createNodePicker } from "../adapters/node-picker";
import { createMemoryGateway } from "../testing/memory-gateway";

const servers: Server[] = [];

async function listen(server: Server): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(async () => {
  await Promise.all(
    servers.splice(0).map(
      (server) =>
        new Promise((resolve) => {
          server.closeAllConnections();
          server.close(resolve);
        }),
    ),
  );
});

/** A notification node that answers polls with its name, and echoes what comes through an upgrade. */
async function startNode(name: string) {
  const seen: IncomingHttpHeaders[] = [];
  const server = createServer((incoming, response) => {
    seen.push(incoming.headers);
    response.end(`${name} ${incoming.url ?? ""}`);
  });
  server.on("upgrade", (incoming, socket) => {
    seen.push(incoming.headers);
    socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
    socket.pipe(socket);
  });
  return { url: await listen(server), seen, server };
}

async function startGateway(nodes: readonly string[], consoleUrl?: string) {
  const gateway = createMemoryGateway(
    { pickNode: createNodePicker(nodes) },
    consoleUrl === undefined ? {} : { consoleUrl },
  );
  const server = createServer(gateway.app);
  gateway.acceptUpgrades(server);
  return { ...gateway, url: await listen(server) };
}

/** @returns the status, or what came back through the open socket */
function upgrade(url: string, headers: Record<string, string> = {}): Promise<string | number> {
  return new Promise((resolve, reject) => {
    const opening = send(`${url}/socket.io/?EIO=4&transport=websocket`, {
      headers: { connection: "Upgrade", upgrade: "websocket", ...headers },
    });
    opening.on("upgrade", (_response, socket) => {
      socket.once("data", (data: Buffer) => {
        socket.destroy();
        resolve(data.toString());
      });
      socket.write("ping");
    });
    opening.on("response", (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    opening.on("error", reject);
    opening.end();
  });
}

describe("sockets", () => {
  it("reach a node by polling and by WebSocket", async () => {
    const node = await startNode("a");
    const { url } = await startGateway([node.url]);
    const poll = await request(url).get("/socket.io/?EIO=4&transport=polling");
    expect(poll.text).toBe("a /socket.io/?EIO=4&transport=polling");
    expect(await upgrade(url)).toBe("ping");
  });

  it("of one session reach one node, of many all", async () => {
    const nodes = [await startNode("a"), await startNode("b")];
    const { url } = await startGateway(nodes.map((node) => node.url));
    const ask = async (session: string) =>
      (await request(url).get("/socket.io/").set("Cookie", `gvf_session=${session}`)).text;
    const first = await Promise.all(Array.from({ length: 20 }, (_, index) => ask(`s${index}`)));
    const second = await Promise.all(Array.from({ length: 20 }, (_, index) => ask(`s${index}`)));
    expect(second).toEqual(first);
    expect(new Set(first).size).toBe(2);
  });

  it("go to the next node when theirs is dead", async () => {
    const [living, dead] = [await startNode("living"), await startNode("dead")];
    dead.server.close();
    const { url } = await startGateway([dead.url, living.url]);
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        request(url).get("/socket.io/").set("Cookie", `gvf_session=${index}`),
      ),
    );
    expect(new Set(answers.map((answer) => answer.text))).toEqual(new Set(["living /socket.io/"]));
    expect(await upgrade(url)).toBe("ping");
  });

  it("are 503 when no node lives", async () => {
    const { url } = await startGateway(["http://127.0.0.1:9"]);
    expect((await request(url).get("/socket.io/")).status).toBe(503);
    expect(await upgrade(url)).toBe(503);
  });

  it("of other sites are refused before any node hears of them", async () => {
    const node = await startNode("a");
    const { url } = await startGateway([node.url]);
    expect(await upgrade(url, { origin: "https://evil.example" })).toBe(403);
    expect((await request(url).get("/socket.io/").set("Origin", "https://evil.example")).status).toBe(403);
    expect(await upgrade(url, { origin: "https://app.example.org" })).toBe("ping");
    expect(node.seen).toHaveLength(1);
  });

  it("are cut when the process stops, so that clients go elsewhere", async () => {
    const node = await startNode("a");
    const { url, draining } = await startGateway([node.url]);
    const closed = new Promise<void>((resolve) => {
      const opening = send(`${url}/socket.io/`, { headers: { connection: "Upgrade", upgrade: "websocket" } });
      opening.on("upgrade", (_response, socket) => {
        socket.on("error", () => undefined);
        socket.on("close", resolve);
        draining.abort();
      });
      opening.end();
    });
    await closed;
    expect(await upgrade(url)).toBe(503);
  });

  it("elsewhere are not found", async () => {
    const { url } = await startGateway([]);
    const status = await new Promise((resolve) => {
      send(`${url}/api/v1/x`, { headers: { connection: "Upgrade", upgrade: "websocket" } })
        .on("response", (response) => {
          response.resume();
          resolve(response.statusCode);
        })
        .end();
    });
    expect(status).toBe(404);
  });
});

describe("what is passed on", () => {
  it("says who calls in our words, not in the caller's", async () => {
    const node = await startNode("a");
    const { url } = await startGateway([node.url]);
    await request(url).get("/socket.io/").set({
      "X-Forwarded-For": "1.2.3.4",
      "X-User-Id": "admin",
      "X-Internal-Token": "x",
      "X-Real-Ip": "1.2.3.4",
    });
    const [headers] = node.seen;
    expect(headers?.["x-forwarded-for"]).toMatch(/127\.0\.0\.1$/);
    expect(headers).not.toHaveProperty("x-user-id");
    expect(headers).not.toHaveProperty("x-internal-token");
    expect(headers).not.toHaveProperty("x-real-ip");
  });

  it("to the console carries no session", async () => {
    const node = await startNode("console");
    const { url } = await startGateway([], node.url);
    const page = await request(url).get("/generations/1").set("Cookie", "gvf_session=secret");
    expect(page.text).toBe("console /generations/1");
    expect(node.seen[0]).not.toHaveProperty("cookie");
    expect((await request(url).post("/generations/1")).status).toBe(404);
  });
});
