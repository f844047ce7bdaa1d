import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { importPeer } from "../../peers/import-peer";
import { nowMs } from "../../workload/open-loop";

export interface SocketNodeSetup {
  readonly adapter: "redis" | "sharded";
  readonly redisUrl: string;
  readonly peerDirectory: string;
}

/** Events as somebody recorded them. */
export interface Broadcast {
  /** the room, and the events' generation */
  readonly id: string;
  readonly events: readonly { readonly offsetMs: number; readonly body: object }[];
  /** false: one after the other, as fast as they can be emitted */
  readonly paced: boolean;
}

interface Socket {
  on(event: string, listener: (request: { id: string }, ack: (answer: object) => void) => void): void;
  join(room: string): unknown;
}

interface Server {
  on(event: "connection", listener: (socket: Socket) => void): void;
  to(room: string): { emit(event: string, body: object): void };
  close(): Promise<void>;
}

interface NodeRedisClient {
  duplicate(): NodeRedisClient;
  on(event: "error", listener: () => void): void;
  connect(): Promise<unknown>;
  destroy(): void;
}

interface SocketModules {
  readonly Server: new (http: unknown, options: unknown) => Server;
  readonly createAdapter: (publisher: NodeRedisClient, subscriber: NodeRedisClient) => unknown;
  readonly createShardedAdapter: (publisher: NodeRedisClient, subscriber: NodeRedisClient) => unknown;
  readonly createClient: (options: unknown) => NodeRedisClient;
}

/** A node of plain Socket.IO, as its documentation advises: the Redis adapter on node-redis, rooms, no sign-in. */
export async function openSocketNode({ adapter, redisUrl, peerDirectory }: SocketNodeSetup) {
  const names = ["socket.io", "@socket.io/redis-adapter", "redis"];
  const loaded = await Promise.all(names.map((name) => importPeer(peerDirectory, name)));
  const modules = Object.assign({}, ...(loaded as object[])) as SocketModules;
  const publisher = modules.createClient({ url: redisUrl });
  const subscriber = publisher.duplicate();
  for (const client of [publisher, subscriber]) {
    client.on("error", () => {
      // What it loses is missed and counted.
    });
    await client.connect();
  }
  const create = adapter === "redis" ? modules.createAdapter : modules.createShardedAdapter;
  const http = createServer();
  const io = new modules.Server(http, { adapter: create(publisher, subscriber), transports: ["websocket"] });
  io.on("connection", (socket) => {
    socket.on("generation:subscribe", ({ id }, ack) => {
      void Promise.resolve(socket.join(id)).then(() => {
        ack({ ok: true });
      });
    });
  });
  http.listen(0, "127.0.0.1");
  await new Promise((resolve) => http.once("listening", resolve));

  return {
    readPort: (): Promise<number> => Promise.resolve((http.address() as AddressInfo).port),
    readMemory: (): Promise<number> => Promise.resolve(process.memoryUsage().rss),

    /** @returns when each was emitted, in their order; milliseconds since 1970 */
    async broadcast({ id, events, paced }: Broadcast): Promise<readonly number[]> {
      const sentAt: number[] = [];
      const startedAt = nowMs();
      for (const [index, { offsetMs, body }] of events.entries()) {
        const waitMs = startedAt + offsetMs - nowMs();
        if (paced && waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
        else if (!paced) await new Promise((resolve) => setImmediate(resolve));
        sentAt.push(nowMs());
        io.to(id).emit("generation:event", { generationId: id, seq: index + 1, ...body });
      }
      return sentAt;
    },

    async close(): Promise<void> {
      await io.close();
      publisher.destroy();
      subscriber.destroy();
    },
  };
}

export type SocketNodeCalls = Awaited<ReturnType<typeof openSocketNode>>;
