import type { GenerationEvent } from "@vibe-friend/contracts/generation-event";
import type { ClientToServerEvents, ServerToClientEvents, SubscribeAck } from "@vibe-friend/contracts/socket";
import type { SystemStatus } from "@vibe-friend/contracts/system-status";
import { io, type Socket } from "socket.io-client";

/** A bare Socket.IO client that keeps all it was sent, so that nothing is made good on its side. */
export interface RawSubscriber {
  readonly socket: Socket<ServerToClientEvents, ClientToServerEvents>;
  /** Every event in the order of arrival, repeated ones included. */
  readonly received: GenerationEvent[];
  readonly statuses: SystemStatus[];
  subscribe(id: string, after?: number): Promise<SubscribeAck>;
  eventsOf(id: string): GenerationEvent[];
  close(): void;
}

interface SubscriberOptions {
  readonly cookie: string | undefined;
  /** Subscribe again after a reconnect, with the last `seq` seen (default: true). */
  readonly resumes?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Connects to a gateway. */
export function connectSubscriber(baseUrl: string, options: SubscriberOptions): RawSubscriber {
  const { cookie, resumes = true, headers } = options;
  const socket: RawSubscriber["socket"] = io(baseUrl, {
    forceNew: true,
    transports: ["websocket"],
    reconnectionDelay: 100,
    reconnectionDelayMax: 500,
    extraHeaders: { ...(cookie === undefined ? {} : { cookie }), ...headers },
  });
  const received: GenerationEvent[] = [];
  const statuses: SystemStatus[] = [];
  const watched = new Set<string>();
  const lastSeq = new Map<string, number>();

  socket.on("generation:event", (event) => {
    received.push(event);
    lastSeq.set(event.generationId, event.seq);
  });
  socket.on("system:status", (status) => statuses.push(status));
  socket.on("connect", () => {
    if (!resumes) return;
    for (const id of watched) {
      socket.emit("generation:subscribe", { id, after: lastSeq.get(id) ?? 0 }, () => undefined);
    }
  });
  socket.on("disconnect", (reason) => {
    // Socket.IO doesn't come back by itself when it was the server who hung up.
    if (resumes && reason === "io server disconnect") setTimeout(() => socket.connect(), 200);
  });

  return {
    socket,
    received,
    statuses,
    async subscribe(id, after = 0) {
      await connected(socket);
      const answer = (await socket
        .timeout(5_000)
        .emitWithAck("generation:subscribe", { id, after })) as SubscribeAck;
      if (answer.ok) watched.add(id);
      return answer;
    },
    eventsOf: (id) => received.filter((event) => event.generationId === id),
    close() {
      socket.disconnect();
    },
  };
}

function connected(socket: RawSubscriber["socket"]): Promise<void> {
  if (socket.connected) return Promise.resolve();
  return new Promise((resolve, reject) => {
    socket.once("connect", resolve);
    setTimeout(() => {
      reject(new Error("The socket did not connect within 10 s"));
    }, 10_000).unref();
  });
}
