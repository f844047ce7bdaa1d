import { setTimeout as sleep } from "node:timers/promises";
import { isFinalEvent, type GenerationEvent } from "@vibe-friend/contracts/generation-event";
import type { ClientToServerEvents, ServerToClientEvents, SubscribeAck } from "@vibe-friend/contracts/socket";
import type { SystemStatus } from "@vibe-friend/contracts/system-status";
import { io, type Socket } from "socket.io-client";

/** A bare Socket.IO client that keeps all it was sent, so that nothing is made good on its side. */
export interface RawSubscriber {
  readonly socket: Socket<ServerToClientEvents, ClientToServerEvents>;
  /** Every event in the order of arrival, repeated ones included. */
  readonly received: GenerationEvent[];
  readonly statuses: SystemStatus[];
  /** Sequences of the notifications that each connection brought, the latest connection last. */
  readonly inbox: number[][];
  subscribe(id: string, after?: number): Promise<SubscribeAck>;
  /** Subscribes now and after every reconnect, as often as it takes. */
  watch(id: string): void;
  eventsOf(id: string): GenerationEvent[];
  hasEnded(id: string): boolean;
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
  const byId = new Map<string, GenerationEvent[]>();
  const statuses: SystemStatus[] = [];
  const inbox: number[][] = [];
  const watched = new Set<string>();
  let isClosed = false;
  const lastSeqOf = (id: string): number => byId.get(id)?.at(-1)?.seq ?? 0;

  socket.on("generation:event", (event) => {
    received.push(event);
    const events = byId.get(event.generationId);
    if (events === undefined) byId.set(event.generationId, [event]);
    else events.push(event);
    // A socket may follow so many at once, ended ones among them.
    if (isFinalEvent(event) && watched.delete(event.generationId))
      socket.emit("generation:unsubscribe", { id: event.generationId }, () => undefined);
  });
  socket.on("system:status", (status) => statuses.push(status));
  socket.on("notification", ({ seq }) => inbox.at(-1)?.push(seq));
  socket.on("connect", () => {
    inbox.push([]);
    if (resumes) for (const id of watched) void resume(id, socket.id);
  });
  // Socket.IO doesn't come back by itself when it was the server who hung up, or who refused the handshake.
  socket.on("disconnect", comeBack);
  socket.on("connect_error", comeBack);

  function comeBack(): void {
    if (!resumes || socket.active) return;
    setTimeout(() => {
      if (!isClosed) socket.connect();
    }, 200).unref();
  }

  /** Until it is acknowledged on this connection, or the connection is another one. */
  async function resume(id: string, connection: string | undefined): Promise<void> {
    while (socket.connected && socket.id === connection && watched.has(id)) {
      const answer = await ask(id, lastSeqOf(id));
      if (answer?.ok === true) return;
      // Nobody knows whether it was heard: on a new connection it can't be heard twice.
      if (answer === undefined) socket.io.engine.close();
      await sleep(300);
    }
  }

  async function ask(id: string, after: number): Promise<SubscribeAck | undefined> {
    try {
      return (await socket
        .timeout(10_000)
        .emitWithAck("generation:subscribe", { id, after })) as SubscribeAck;
    } catch {
      return undefined;
    }
  }

  return {
    socket,
    received,
    statuses,
    inbox,
    async subscribe(id, after = 0) {
      await connected(socket);
      const answer = await ask(id, after);
      if (answer === undefined) throw new Error("a subscription was not answered within 10 s");
      if (answer.ok) watched.add(id);
      return answer;
    },
    watch(id) {
      watched.add(id);
      if (socket.connected) void resume(id, socket.id);
    },
    eventsOf: (id) => byId.get(id) ?? [],
    hasEnded(id) {
      const last = byId.get(id)?.at(-1);
      return last !== undefined && isFinalEvent(last);
    },
    close() {
      isClosed = true;
      watched.clear();
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
