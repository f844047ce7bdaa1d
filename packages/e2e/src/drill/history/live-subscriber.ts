import type { ClientToServerEvents, ServerToClientEvents, SubscribeAck } from "@vibe-friend/contracts/socket";
import type { SystemStatus } from "@vibe-friend/contracts/system-status";
import { io, type Socket } from "socket.io-client";
import { nowMs } from "../measure/clock";
import { ReceivedHistory } from "./received-history";

/**
 * One person's bare Socket.IO connection. It makes nothing good: what comes is counted as it comes. After a lost
 * connection it asks for what is after the last event it has.
 */
export interface LiveSubscriber {
  follow(id: string): void;
  historyOf(id: string): ReceivedHistory | undefined;
  /** Drops what was counted of it. */
  forget(id: string): void;
  /** What the system last said of itself; undefined before it did, and while there is no connection. */
  mode(): SystemStatus["mode"] | undefined;
  close(): void;
}

export interface SubscriberOptions {
  readonly url: string;
  readonly cookie: string;
  readonly onMode: (mode: SystemStatus["mode"], at: number) => void;
  /** An attempt of a generation began. */
  readonly onStarted: (id: string, at: number) => void;
}

const ackTimeoutMs = 5_000;
const retryMs = 1_000;
/** So long a run that was not to be could still send something. */
const lingerMs = 2_000;

export function connectLiveSubscriber({ url, cookie, onMode, onStarted }: SubscriberOptions): LiveSubscriber {
  const socket: Socket<ServerToClientEvents, ClientToServerEvents> = io(url, {
    forceNew: true,
    transports: ["websocket"],
    reconnectionDelay: 100,
    reconnectionDelayMax: 500,
    timeout: 5_000,
    extraHeaders: { cookie },
  });
  const histories = new Map<string, ReceivedHistory>();
  const followed = new Set<string>();
  let mode: SystemStatus["mode"] | undefined;
  let isClosed = false;

  socket.on("system:status", (status) => {
    mode = status.mode;
    onMode(status.mode, nowMs());
  });
  socket.on("generation:event", (event) => {
    const history = histories.get(event.generationId);
    if (history === undefined) return;
    const at = nowMs();
    history.take(event, at);
    if (event.type === "started") onStarted(event.generationId, at);
    if (history.endedAt === at) setTimeout(unfollow, lingerMs, event.generationId).unref();
  });
  socket.on("connect", () => {
    for (const id of followed) void ask(id);
  });
  socket.on("disconnect", () => {
    mode = undefined;
    // Socket.IO doesn't come back by itself when it was the server who hung up.
    if (!socket.active) connectAgain();
  });
  socket.on("connect_error", () => {
    if (!socket.active) connectAgain();
  });

  function connectAgain(): void {
    setTimeout(() => {
      if (!isClosed) socket.connect();
    }, 200).unref();
  }

  function unfollow(id: string): void {
    followed.delete(id);
    if (socket.connected) socket.emit("generation:unsubscribe", { id }, () => undefined);
  }

  async function ask(id: string): Promise<void> {
    const connection = socket.id;
    const answer = (await socket
      .timeout(ackTimeoutMs)
      .emitWithAck("generation:subscribe", { id, after: histories.get(id)?.lastSeq ?? 0 })
      .catch(() => undefined)) as SubscribeAck | undefined;
    if (answer?.ok === true || socket.id !== connection || !socket.connected) return;
    // Not answered: it may have been taken all the same. Only a new connection tells for sure.
    if (answer === undefined) socket.disconnect().connect();
    else setTimeout(() => socket.connected && followed.has(id) && void ask(id), retryMs).unref();
  }

  return {
    follow(id) {
      histories.set(id, new ReceivedHistory());
      followed.add(id);
      if (socket.connected) void ask(id);
    },
    historyOf: (id) => histories.get(id),
    forget(id) {
      histories.delete(id);
      followed.delete(id);
    },
    mode: () => (socket.connected ? mode : undefined),
    close() {
      isClosed = true;
      socket.disconnect();
    },
  };
}
