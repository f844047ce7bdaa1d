import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { GenerationEvent, GenerationEventBody } from "@vibe-friend/contracts/generation-event";
import type { ClientToServerEvents, ServerToClientEvents } from "@vibe-friend/contracts/socket";
import { Server as SocketServer, type Socket } from "socket.io";
import { createClient, type Client } from "./client";
import { createCookieJar } from "./cookie-jar";
import { NetworkError } from "./network-error";
import { ProblemError } from "./problem-error";

const id = "01890000-0000-7000-8000-000000000001";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;
type LiveSocket = Socket<ClientToServerEvents, ServerToClientEvents>;

function json(status: number, body: unknown, headers: Record<string, string | string[]> = {}): Answer {
  return (_request, response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(body));
  };
}

function problem(status: number, code: string, headers = {}): Answer {
  return json(status, { type: "about:blank", title: code, status, code }, headers);
}

function event(seq: number, body: GenerationEventBody): GenerationEvent {
  return { ...body, generationId: id, seq, at: "2026-01-01T00:00:00Z" };
}

const generation = {
  id,
  userId: "01890000-0000-7000-8000-000000000002",
  prompt: "a library",
  engine: "builtin",
  model: null,
  status: "queued",
  progress: 0,
  attempt: 0,
  priority: 5,
  error: null,
  filesCount: 0,
  createdAt: "2026-01-01T00:00:00Z",
  startedAt: null,
  finishedAt: null,
  lastSeq: 1,
};
const user = { id, email: "a@b.org", displayName: "A", disabled: false, createdAt: generation.createdAt };
const session = {
  id,
  createdAt: generation.createdAt,
  lastSeenAt: generation.createdAt,
  idleExpiresAt: generation.createdAt,
  absoluteExpiresAt: generation.createdAt,
  userAgent: null,
  ip: null,
  current: true,
};

/** An HTTP and Socket.IO server whose answers each test gives; it can be restarted on its port. */
async function startServer(port = 0) {
  const answers: Answer[] = [];
  const seen: { line: string; headers: IncomingMessage["headers"] }[] = [];
  const http: Server = createServer((request, response) => {
    seen.push({ line: `${request.method ?? ""} ${request.url ?? ""}`, headers: request.headers });
    (answers.shift() ?? problem(500, "internal"))(request, response);
  });
  const io = new SocketServer<ClientToServerEvents, ServerToClientEvents>(http);
  await new Promise<void>((resolve) => http.listen(port, "127.0.0.1", resolve));
  return {
    answers,
    seen,
    io,
    port: (http.address() as AddressInfo).port,
    close: () => io.close(),
  };
}

type TestServer = Awaited<ReturnType<typeof startServer>>;

let server: TestServer;
let client: Client;

beforeEach(async () => {
  server = await startServer();
  client = connect();
});

afterEach(async () => {
  client.close();
  await server.close();
});

function connect(options: { token?: string } = {}): Client {
  return createClient({
    baseUrl: `http://127.0.0.1:${server.port}`,
    cookieJar: createCookieJar(),
    timeoutMs: 2_000,
    ...options,
  });
}

async function waitUntil(condition: () => boolean): Promise<void> {
  const endsAt = Date.now() + 5_000;
  while (!condition()) {
    if (Date.now() > endsAt) throw new Error("it did not come true in time");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function followAll(after = 0): Promise<number[]> {
  const seqs: number[] = [];
  for await (const { seq } of client.generations.follow(id, { after })) seqs.push(seq);
  return seqs;
}

describe("requests", () => {
  it("carry the cookie and the CSRF token of the sign-in", async () => {
    const cookie = { "set-cookie": ["gvf_session=s1; Path=/; HttpOnly"] };
    server.answers.push(json(200, { user, session, csrfToken: "c1" }, cookie), json(200, { generation }));
    await client.auth.login({ email: "a@b.org", password: "x" });
    await client.generations.cancel(id);
    expect(server.seen[1]).toMatchObject({
      line: `POST /api/v1/generations/${id}/cancel`,
      headers: { cookie: "gvf_session=s1", "x-csrf-token": "c1" },
    });
  });

  it("ask for the CSRF token when it isn't known, and again when it isn't valid any more", async () => {
    const view = (csrfToken: string) => ({ user, session, csrfToken, roles: [], permissions: [] });
    server.answers.push(json(200, view("old")), problem(403, "csrf_failed"), json(200, view("new")));
    server.answers.push(json(200, { generation }));
    await client.generations.cancel(id);
    expect(server.seen.map(({ line }) => line.split(" ")[1]?.split("/").at(-1))).toEqual([
      "session",
      "cancel",
      "session",
      "cancel",
    ]);
    expect(server.seen.at(-1)?.headers["x-csrf-token"]).toBe("new");
  });

  it("with a token ask for no CSRF token", async () => {
    client.close();
    client = connect({ token: "gvf_pat_1" });
    server.answers.push(json(200, { generation }));
    await client.generations.cancel(id);
    expect(server.seen[0]?.headers).toMatchObject({ authorization: "Bearer gvf_pat_1" });
  });

  it("are sent again after a 503 when they only read", async () => {
    server.answers.push(problem(503, "unavailable", { "retry-after": "0" }), json(200, { generation }));
    expect((await client.generations.get(id)).id).toBe(id);
  });

  it("are sent again when a submission has an idempotency key, with the same key", async () => {
    client.close();
    client = connect({ token: "t" });
    server.answers.push((request) => request.socket.destroy(), json(202, { generation }));
    await client.generations.submit({ prompt: "a library" }, { idempotencyKey: "k1" });
    expect(server.seen.map(({ headers }) => headers["idempotency-key"])).toEqual(["k1", "k1"]);
  });

  it("are sent once when they change something without a key", async () => {
    client.close();
    client = connect({ token: "t" });
    server.answers.push((request) => request.socket.destroy());
    await expect(client.generations.submit({ prompt: "a library" })).rejects.toThrow(NetworkError);
    expect(server.seen).toHaveLength(1);
  });

  it("end in the server's problem", async () => {
    const errors = [{ path: "prompt", message: "must not be empty" }];
    server.answers.push(json(400, { type: "x", title: "t", status: 400, code: "invalid_request", errors }));
    const error: unknown = await client.generations.list().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ProblemError);
    expect(error).toMatchObject({ status: 400, problem: { errors } });
  });

  it("say that nobody is signed in without an error", async () => {
    server.answers.push(problem(401, "unauthenticated"));
    expect(await client.auth.session()).toBeUndefined();
  });
});

describe("following a generation", () => {
  const log = [
    event(1, { type: "queued" }),
    event(2, { type: "started", attempt: 1 }),
    event(3, { type: "progress", percent: 50, stage: "writing" }),
    event(4, { type: "completed", files: 0 }),
  ];

  function serve(target: TestServer, onSubscribe: (socket: LiveSocket, after: number) => void): void {
    target.io.on("connection", (socket) => {
      socket.on("generation:subscribe", ({ after = 0 }, ack) => {
        ack({ ok: true, status: "running", lastSeq: 2 });
        onSubscribe(socket, after);
      });
    });
  }

  function send(socket: LiveSocket, ...seqs: number[]): void {
    for (const seq of seqs) socket.emit("generation:event", log[seq - 1]!);
  }

  it("yields every event once, whatever is delivered twice, and ends after the last", async () => {
    serve(server, (socket) => {
      send(socket, 1, 2, 1, 2, 3, 3, 4);
    });
    expect(await followAll()).toEqual([1, 2, 3, 4]);
  });

  it("subscribes again after what it has when events are missing", async () => {
    const afters: number[] = [];
    serve(server, (socket, after) => {
      afters.push(after);
      if (afters.length === 1) send(socket, 1, 3, 4);
      else send(socket, 2, 3, 4);
    });
    expect(await followAll()).toEqual([1, 2, 3, 4]);
    expect(afters).toEqual([0, 1]);
  });

  it("comes back when the server hangs up", async () => {
    serve(server, (socket, after) => {
      if (after === 0) {
        send(socket, 1, 2);
        setTimeout(() => socket.disconnect(true), 20);
      } else send(socket, 3, 4);
    });
    expect(await followAll()).toEqual([1, 2, 3, 4]);
  });

  it("goes on where it was after the server was restarted", async () => {
    serve(server, (socket) => {
      send(socket, 1, 2);
      setTimeout(() => void restart(), 50);
    });
    async function restart(): Promise<void> {
      const { port } = server;
      await server.close();
      server = await startServer(port);
      serve(server, (socket, after) => {
        send(socket, ...[1, 2, 3, 4].filter((seq) => seq > after));
      });
    }
    expect(await followAll()).toEqual([1, 2, 3, 4]);
  }, 15_000);

  it("lets two readers with different positions share the socket", async () => {
    let connections = 0;
    server.io.on("connection", () => connections++);
    serve(server, (socket, after) => {
      send(socket, ...[1, 2, 3, 4].filter((seq) => seq > after));
    });
    expect(await Promise.all([followAll(2), followAll(0)])).toEqual([
      [3, 4],
      [1, 2, 3, 4],
    ]);
    expect(connections).toBe(1);
  });

  it("throws the problem of a generation that doesn't exist", async () => {
    server.io.on("connection", (socket) => {
      socket.on("generation:subscribe", (_request, ack) => {
        ack({ ok: false, problem: { type: "x", title: "no", status: 404, code: "not_found" } });
      });
    });
    await expect(followAll()).rejects.toMatchObject({ code: "not_found" });
  });

  it("throws when the session is revoked, and doesn't come back", async () => {
    serve(server, (socket) => {
      socket.emit("session:revoked");
      socket.disconnect(true);
    });
    await expect(followAll()).rejects.toMatchObject({ status: 401 });
    expect(client.status.current().connection).toBe("refused");
  });

  it("throws the problem of a refused handshake", async () => {
    server.io.use((_socket, next) => {
      const data = { type: "x", title: "no", status: 401, code: "unauthenticated" };
      next(Object.assign(new Error("no"), { data }));
    });
    await expect(followAll()).rejects.toMatchObject({ status: 401 });
  });

  it("ends quietly when the caller has enough", async () => {
    serve(server, (socket) => {
      send(socket, 1, 2);
    });
    const stop = new AbortController();
    const seqs: number[] = [];
    for await (const { seq } of client.generations.follow(id, { signal: stop.signal })) {
      seqs.push(seq);
      stop.abort();
    }
    expect(seqs).toEqual([1]);
  });
});

describe("the inbox", () => {
  const note = (seq: number) => ({
    ...{ id, seq, kind: "completed", level: "success", title: "Done", body: "" },
    ...{ at: "2026-01-01T00:00:00Z", generationId: null, readAt: null },
  });

  it("brings what is unread and what comes, each once and in order, over a lost connection", async () => {
    let connections = 0;
    server.io.on("connection", (socket) => {
      connections += 1;
      const seqs = connections === 1 ? [2, 3] : [2, 3, 4, 5, 4];
      for (const seq of seqs) socket.emit("notification", note(seq) as never);
      socket.emit("notification", { seq: "x" } as never);
      if (connections === 1) setTimeout(() => socket.disconnect(true), 20);
      else socket.emit("notification", { ...note(6), fromANewerServer: 1 } as never);
    });
    const seqs: number[] = [];
    await new Promise<void>((resolve) => {
      client.notifications.subscribe(({ seq }) => {
        seqs.push(seq);
        if (seq === 6) resolve();
      });
    });
    expect(seqs).toEqual([2, 3, 4, 5, 6]);
    const late: number[] = [];
    client.notifications.subscribe(({ seq }) => late.push(seq));
    expect(late).toEqual(seqs);
  });

  it("is another one after another sign-in", async () => {
    server.io.on("connection", (socket) => {
      socket.emit("notification", note(1) as never);
    });
    const seqs: number[] = [];
    const stop = client.notifications.subscribe(({ seq }) => seqs.push(seq));
    await waitUntil(() => seqs.length === 1);
    server.answers.push(json(200, { user, session, csrfToken: "c1" }));
    await client.auth.login({ email: "a@b.org", password: "x" });
    await waitUntil(() => seqs.length === 2);
    stop();
  });

  it("is listed and marked read", async () => {
    client.close();
    client = connect({ token: "t" });
    server.answers.push(json(200, { items: [note(2)], nextCursor: null, unreadCount: 1 }));
    server.answers.push(problem(503, "unavailable", { "retry-after": "0" }));
    server.answers.push(json(200, { notification: note(2), unreadCount: 0 }));
    server.answers.push(json(200, { read: 0, unreadCount: 0 }));
    const inbox = await client.notifications.list({ unread: true, limit: 5 });
    expect([inbox.items[0]?.seq, inbox.unreadCount]).toEqual([2, 1]);
    expect((await client.notifications.markRead(id)).unreadCount).toBe(0);
    expect((await client.notifications.markAllRead()).read).toBe(0);
    expect(server.seen.map(({ line }) => line)).toEqual([
      "GET /api/v1/notifications?limit=5&unread=true",
      `POST /api/v1/notifications/${id}/read`,
      `POST /api/v1/notifications/${id}/read`,
      "POST /api/v1/notifications/read-all",
    ]);
  });
});

describe("queues", () => {
  const queue = {
    ...{ name: "archive", pausedAt: null, counts: { queued: 1, delayed: 0, running: 0, failed: 2 } },
    ...{ oldestWaitingMs: 5, deliveries: null, failed: [] },
  };

  it("are listed, paused, resumed and run again; what would run twice is sent once", async () => {
    client.close();
    client = connect({ token: "t" });
    server.answers.push(json(200, { items: [queue], nextCursor: null }));
    server.answers.push(problem(503, "unavailable", { "retry-after": "0" }));
    server.answers.push(json(200, { ...queue, pausedAt: generation.createdAt }), json(200, queue));
    server.answers.push(json(200, { retried: 2, left: 0 }));
    expect((await client.admin.queues.list()).items).toEqual([queue]);
    expect((await client.admin.queues.pause("archive")).pausedAt).toBe(generation.createdAt);
    expect((await client.admin.queues.resume("archive")).pausedAt).toBeNull();
    expect(await client.admin.queues.retryFailed("archive")).toEqual({ retried: 2, left: 0 });
    const post = (change: string) => `POST /api/v1/admin/queues/archive/${change}`;
    expect(server.seen.map(({ line }) => line)).toEqual([
      "GET /api/v1/admin/queues",
      ...["pause", "pause", "resume", "retry-failed"].map(post),
    ]);
  });

  it("that failed are not sent to run again a second time by itself", async () => {
    client.close();
    client = connect({ token: "t" });
    server.answers.push((request) => request.socket.destroy());
    await expect(client.admin.queues.retryFailed("generation")).rejects.toBeInstanceOf(NetworkError);
    expect(server.seen).toHaveLength(1);
  });
});

describe("the status", () => {
  it("tells the connection's state and the system's mode", async () => {
    server.io.on("connection", (socket) => {
      const roles = { state: "degraded", cache: "normal" } as const;
      socket.emit("system:status", { mode: "degraded", since: "2026-01-01T00:00:00Z", roles });
    });
    const status = await new Promise((resolve) => {
      client.status.subscribe(() => {
        const current = client.status.current();
        if (current.system !== undefined) resolve(current);
      });
    });
    expect(status).toMatchObject({ connection: "connected", system: { mode: "degraded" } });
  });
});
