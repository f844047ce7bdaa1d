import { createServer, request as send, type Server } from "node:http";
import {
  connect,
  createServer as createTcpServer,
  type AddressInfo,
  type Server as TcpServer,
  type Socket,
} from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { createNodePicker } from "../adapters/node-picker";
import { createMemoryGateway } from "../testing/memory-gateway";

const opened: { close(): unknown }[] = [];
const sockets = new Set<Socket>();

async function listen(server: TcpServer): Promise<string> {
  opened.push(server);
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(() => {
  for (const server of opened.splice(0)) server.close();
  for (const socket of sockets) socket.destroy();
});

/** A node that does with each connection, once bytes have come, what the test says. */
function startNode(onRequest: (socket: Socket, text: string) => void): Promise<string> {
  return listen(
    createTcpServer((socket) => {
      socket.on("data", (data) => {
        onRequest(socket, data.toString("latin1"));
      });
    }),
  );
}

async function startGateway(target: string): Promise<{ url: string; server: Server }> {
  const gateway = createMemoryGateway({ pickNode: createNodePicker([target]) }, { consoleUrl: target });
  const server = createServer(gateway.app);
  gateway.acceptUpgrades(server);
  return { url: await listen(server), server };
}

/** A client that sends these bytes and keeps what comes back. */
async function dial(url: string, text: string) {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const seen = { text: "", closed: false };
  socket.on("error", () => undefined);
  socket.on("data", (data) => (seen.text += data.toString("latin1")));
  socket.on("close", () => (seen.closed = true));
  await new Promise((resolve) => socket.once("connect", resolve));
  socket.write(text);
  return { socket, seen };
}

async function until(isSo: () => boolean, limitMs = 3000): Promise<void> {
  for (let waited = 0; !isSo(); waited += 10) {
    if (waited > limitMs) throw new Error(`not within ${limitMs} ms`);
    await sleep(10);
  }
}

async function status(url: string): Promise<number | undefined> {
  return await new Promise((resolve, reject) => {
    send(url, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on("error", reject)
      .end();
  });
}

const handshake = [
  "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1",
  "Host: localhost",
  "Connection: Upgrade",
  "Upgrade: websocket",
  "",
  "",
].join("\r\n");
const switching = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";

describe("a socket that breaks", () => {
  it("at its client's end after the upgrade leaves the gateway alive and lets the node know", async () => {
    let nodeClosed = 0;
    const node = await startNode((socket, text) => {
      if (!text.startsWith("GET")) return;
      socket.once("close", () => (nodeClosed += 1));
      socket.write(switching);
      const chatter = setInterval(() => socket.write("x".repeat(10_000)), 1);
      socket.once("close", () => {
        clearInterval(chatter);
      });
    });
    const { url } = await startGateway(node);
    for (let round = 0; round < 5; round++) {
      const { socket, seen } = await dial(url, handshake);
      await until(() => seen.text.length > 20_000);
      if (round % 2 === 0) socket.resetAndDestroy();
      else socket.destroy();
    }
    await until(() => nodeClosed === 5);
    expect(await status(`${url}/livez`)).toBe(200);
  });

  it("inside the gateway with an error of its own leaves the gateway alive", async () => {
    const node = await startNode((socket, text) => {
      if (text.startsWith("GET")) socket.write(switching);
    });
    const { url, server } = await startGateway(node);
    const accepted: Socket[] = [];
    server.on("connection", (socket: Socket) => accepted.push(socket));
    const { seen } = await dial(url, handshake);
    await until(() => seen.text.includes("101"));
    for (const socket of accepted) socket.destroy(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
    await until(() => seen.closed);
    expect(await status(`${url}/livez`)).toBe(200);
  });

  it("before the node has answered takes the question to the node with it", async () => {
    let asked = 0;
    let nodeClosed = 0;
    const node = await startNode((socket) => {
      asked += 1;
      socket.once("close", () => (nodeClosed += 1));
    });
    const { url, server } = await startGateway(node);
    const accepted: Socket[] = [];
    server.on("connection", (socket: Socket) => accepted.push(socket));
    await dial(url, handshake);
    await until(() => asked === 1);
    for (const socket of accepted) socket.destroy(new Error("read ECONNRESET"));
    await until(() => nodeClosed === 1);
  });

  it("at the node before its answer is a 503 that says when to come back", async () => {
    const node = await startNode((socket) => {
      socket.resetAndDestroy();
    });
    const { url } = await startGateway(node);
    const { seen } = await dial(url, handshake);
    await until(() => seen.closed);
    expect(seen.text).toMatch(/^HTTP\/1\.1 503 /);
    expect(seen.text).toMatch(/retry-after: \d/i);
    expect(seen.text).toMatch(/x-request-id: [\w-]{36}/i);
  });

  it("at the node in mid-stream closes the client's and no other", async () => {
    const node = await startNode((socket, text) => {
      if (text.startsWith("GET")) socket.write(`${switching}hello`);
      if (text === "die") socket.resetAndDestroy();
      if (text === "ping") socket.write("pong");
    });
    const { url } = await startGateway(node);
    const [dying, other] = [await dial(url, handshake), await dial(url, handshake)];
    await until(() => dying.seen.text.includes("hello") && other.seen.text.includes("hello"));
    dying.socket.write("die");
    await until(() => dying.seen.closed);
    other.socket.write("ping");
    await until(() => other.seen.text.endsWith("pong"));
  });

  it("is passed on as a refusal when the node refuses", async () => {
    const node = await startNode((socket) => {
      socket.end("HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n");
    });
    const { url } = await startGateway(node);
    const { seen } = await dial(url, handshake);
    await until(() => seen.closed);
    expect(seen.text).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
    expect(seen.text).toMatch(/\r\n\r\nno$/);
  });
});

describe("an answer that breaks off behind the gateway", () => {
  const half = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf";

  it.each(["/index.html", "/socket.io/?EIO=4&transport=polling"])(
    "breaks off in front of it too: %s",
    async (path) => {
      const node = await startNode((socket) => {
        socket.write(half, () => setTimeout(() => socket.resetAndDestroy(), 20));
      });
      const { url } = await startGateway(node);
      const { seen } = await dial(url, `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      await until(() => seen.closed);
      expect(seen.text).toMatch(/half$/);
    },
  );
});

describe("a request within a request", () => {
  const inner = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
  const chunked = `${inner.length.toString(16)}\r\n${inner}\r\n0\r\n\r\n`;

  it.each([
    ["OPTIONS", "/socket.io/"],
    ["DELETE", "/socket.io/"],
    ["GET", "/socket.io/"],
    ["GET", "/index.html"],
    ["HEAD", "/index.html"],
  ])("is not smuggled to a node: %s %s", async (method, path) => {
    const heard: string[] = [];
    const node = await listen(
      createServer((incoming, response) => {
        heard.push(incoming.url ?? "");
        incoming.resume();
        response.end("ok");
      }),
    );
    const { url } = await startGateway(node);
    const { seen } = await dial(
      url,
      `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n${chunked}`,
    );
    await until(() => seen.text.includes("HTTP/1.1"));
    await sleep(100);
    expect(heard).not.toContain("/metrics");
  });

  it.each(["//metrics", "/x/../metrics", "/socket.io/../metrics", "/socket.io/%2e%2e/metrics", "///readyz"])(
    "nor are the probes of others reached: %s",
    async (path) => {
      const heard: string[] = [];
      const node = await listen(
        createServer((incoming, response) => {
          heard.push(incoming.url ?? "");
          response.end("ok");
        }),
      );
      const { url } = await startGateway(node);
      const { seen } = await dial(url, `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      await until(() => seen.text.includes("HTTP/1.1"));
      expect(heard.filter((one) => /^\/(metrics|readyz)/.test(one))).toEqual([]);
    },
  );

  it("of an upgrade with a body is refused", async () => {
    const node = await startNode((socket, text) => {
      if (text.startsWith("GET")) socket.write(switching);
    });
    const { url } = await startGateway(node);
    const { seen } = await dial(url, handshake.replace("\r\n\r\n", "\r\nContent-Length: 5\r\n\r\nabcde"));
    await until(() => seen.closed);
    expect(seen.text).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe("an upgrade to something we don't speak", () => {
  it("is an ordinary request, as for clients that offer HTTP/2", async () => {
    const { url } = await startGateway("http://127.0.0.1:9");
    const body = '{"email":"ada@example.org","password":"x"}';
    const { seen } = await dial(
      url,
      [
        "POST /api/v1/auth/login HTTP/1.1",
        "Host: localhost",
        "Connection: Upgrade, HTTP2-Settings",
        "Upgrade: h2c",
        "HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA",
        "Content-Type: application/json",
        `Content-Length: ${body.length}`,
        "",
        body,
      ].join("\r\n"),
    );
    await until(() => seen.text.includes("\r\n\r\n"));
    expect(seen.text).toMatch(/^HTTP\/1\.1 200 /);
    expect(seen.text).toMatch(/x-request-id: /i);
  });
});
