import type { GenerationEvent } from "@vibe-friend/contracts/generation-event";
import { problemSchema, type Problem } from "@vibe-friend/contracts/problem";
import type { ClientToServerEvents, ServerToClientEvents } from "@vibe-friend/contracts/socket";
import { io, type Socket } from "socket.io-client";
import type { CookieJar } from "./cookie-jar";

export type LiveSocketClient = Socket<ServerToClientEvents, ClientToServerEvents>;

/**
 * `idle`: nobody needs it. `reconnecting`: it was or should be there and is being tried. `refused`: the
 * server doesn't accept who we are; it is not tried again before the next sign-in.
 */
export type ConnectionState = "idle" | "connecting" | "connected" | "reconnecting" | "refused";

export interface LiveSocketOptions {
  readonly baseUrl: string;
  readonly token: string | undefined;
  readonly cookieJar: CookieJar | undefined;
}

export interface LiveSocketHandlers {
  readonly onState: (state: ConnectionState, problem?: Problem) => void;
  readonly onEvent: (event: GenerationEvent) => void;
  readonly onStatus: (status: unknown) => void;
  readonly onNotification: (notification: unknown) => void;
}

export interface LiveSocket {
  /** The socket while it is connected. */
  connected(): LiveSocketClient | undefined;
  close(): void;
}

const REFUSED: Problem = {
  type: "about:blank",
  title: "The session has ended",
  status: 401,
  code: "unauthenticated",
};

/** Keeps one socket connected until it is closed, through restarts of whatever stands behind it. */
export function connectLiveSocket(options: LiveSocketOptions, handlers: LiveSocketHandlers): LiveSocket {
  const socket: LiveSocketClient = io(options.baseUrl, {
    forceNew: true,
    path: "/socket.io",
    transports: ["websocket", "polling"],
    tryAllTransports: true,
    reconnectionDelay: 250,
    reconnectionDelayMax: 2_000,
    timeout: 5_000,
    ...(options.token === undefined ? {} : { auth: { token: options.token } }),
    extraHeaders: cookieHeader(options.cookieJar),
  });
  let again: ReturnType<typeof setTimeout> | undefined;
  let closed = false;

  function connectAgainSoon(): void {
    clearTimeout(again);
    // Spread out: a node that is taken down tells all its sockets at the same moment.
    again = setTimeout(() => socket.connect(), 200 + Math.random() * 800);
  }

  function refuse(problem: Problem): void {
    closed = true;
    clearTimeout(again);
    socket.disconnect();
    handlers.onState("refused", problem);
  }

  socket.io.on("reconnect_attempt", () => {
    socket.io.opts.extraHeaders = cookieHeader(options.cookieJar);
  });
  socket.on("connect", () => {
    handlers.onState("connected");
  });
  socket.on("disconnect", () => {
    if (closed) return;
    handlers.onState("reconnecting");
    // Socket.IO doesn't come back by itself when it was the server who hung up.
    if (!socket.active) connectAgainSoon();
  });
  socket.on("connect_error", (error) => {
    if (closed) return;
    const problem = problemSchema.safeParse((error as { data?: unknown }).data).data;
    if (problem?.status === 401 || problem?.status === 403) {
      refuse(problem);
      return;
    }
    handlers.onState("reconnecting");
    if (!socket.active) connectAgainSoon();
  });
  socket.on("generation:event", handlers.onEvent);
  socket.on("system:status", handlers.onStatus);
  socket.on("notification", handlers.onNotification);
  socket.on("session:revoked", () => {
    refuse(REFUSED);
  });
  handlers.onState("connecting");

  return {
    connected: () => (socket.connected ? socket : undefined),
    close() {
      closed = true;
      clearTimeout(again);
      socket.disconnect();
    },
  };
}

function cookieHeader(jar: CookieJar | undefined): Record<string, string> {
  const cookie = jar?.header();
  return cookie === undefined ? {} : { cookie };
}
