import type { IncomingMessage, Server as HttpServer } from "node:http";
import {
  MAX_SOCKET_MESSAGE_BYTES,
  type ClientToServerEvents,
  type ServerToClientEvents,
} from "@vibe-friend/contracts/socket";
import { Server, type DefaultEventsMap, type ServerOptions, type Socket } from "socket.io";
import type { CheckOrigin } from "../domain/check-origin";
import type { Person } from "../domain/ports";

interface SocketData {
  person: Person;
}

export type LiveServer = Server<ClientToServerEvents, ServerToClientEvents, DefaultEventsMap, SocketData>;
export type LiveSocket = Socket<ClientToServerEvents, ServerToClientEvents, DefaultEventsMap, SocketData>;

export interface SocketServerOptions {
  readonly checkOrigin: CheckOrigin;
  readonly allowedOrigins: readonly string[];
  /** undefined: rooms are this process's own */
  readonly adapter: ServerOptions["adapter"] | undefined;
  readonly isDraining: () => boolean;
  readonly onRefused: (why: string) => void;
}

/**
 * Socket.IO on the service's HTTP server. There is no connection state recovery: every connection passes the
 * handshake's checks, and replay goes by our own `seq`.
 */
export function createSocketServer(http: HttpServer, options: SocketServerOptions): LiveServer {
  const { checkOrigin, allowedOrigins, adapter, isDraining, onRefused } = options;

  function refusalOf({ headers }: IncomingMessage): string | undefined {
    if (isDraining()) return "draining";
    const host = firstOf(headers["x-forwarded-host"]) ?? headers.host;
    return checkOrigin({ origin: headers.origin, host }) ? undefined : "origin";
  }

  return new Server(http, {
    path: "/socket.io",
    serveClient: false,
    transports: ["websocket", "polling"],
    maxHttpBufferSize: MAX_SOCKET_MESSAGE_BYTES,
    perMessageDeflate: false,
    connectTimeout: 10_000,
    cors: { origin: [...allowedOrigins], credentials: true },
    allowRequest(request, decide) {
      const refusal = refusalOf(request);
      if (refusal !== undefined) onRefused(refusal);
      decide(refusal, refusal === undefined);
    },
    ...(adapter === undefined ? {} : { adapter }),
  });
}

function firstOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
