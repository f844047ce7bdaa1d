import { randomUUID } from "node:crypto";
import { Agent, type IncomingMessage, type Server } from "node:http";
import type { Duplex } from "node:stream";
import type { Request, Response } from "express";
import type { Logger } from "@vibe-friend/service-kit/logger";
import { sendProblem } from "@vibe-friend/service-kit/problem-response";
import type { OriginPolicy } from "../domain/origin-policy";
import { describeForwarded, replaceIdentityHeaders } from "./forwarded-headers";
import { serveAsPlainRequest } from "./plain-request";
import { readBearer, type SessionCookie } from "./session-cookie";
import { openTunnel, type Upgrade } from "./socket.tunnel";
import { createWebProxy, hasBody } from "./web-proxy";

/** Milliseconds a long poll may stay silent; Socket.IO answers one at least every 25 s. */
const POLL_TIMEOUT_MS = 60_000;

export interface SocketProxyDependencies {
  /** The living notification node for this key; the same one while it lives. Undefined: none lives. */
  readonly pickNode: (key: string) => Promise<string | undefined>;
  readonly origins: OriginPolicy;
  readonly cookie: SessionCookie;
  readonly logger: Logger;
  /** the process is stopping: open sockets are cut, and their clients go to another gateway */
  readonly draining: AbortSignal;
}

export interface SocketProxy {
  readonly handle: (request: Request, response: Response) => Promise<void>;
  /** Takes the handshakes that come to this server; other offers of another protocol are passed over. */
  readonly acceptUpgrades: (server: Server) => void;
}

/** Passes `/socket.io` on, polling and WebSocket, always the same caller to the same node. */
export function createSocketProxy(dependencies: SocketProxyDependencies): SocketProxy {
  const { pickNode, origins, cookie, logger, draining } = dependencies;
  const agent = new Agent({ keepAlive: true });
  const proxy = createWebProxy({ agent, proxyTimeout: POLL_TIMEOUT_MS });
  const open = new Set<Duplex>();
  draining.addEventListener("abort", () => {
    for (const socket of open) socket.destroy();
    agent.destroy();
  });

  const isAllowed = ({ headers }: IncomingMessage) =>
    origins.allows({ origin: headers.origin, fetchSite: siteOf(headers), host: headers.host });

  const keyOf = (request: IncomingMessage) =>
    cookie.read(request) ?? readBearer(request) ?? request.socket.remoteAddress ?? "";

  async function passOn(upgrade: Upgrade): Promise<void> {
    const { request, socket } = upgrade;
    const requestId = randomUUID();
    const target = await pickNode(keyOf(request));
    if (target === undefined) {
      refuse(socket, { status: "503 Service Unavailable", requestId });
      return;
    }
    replaceIdentityHeaders(request, { ip: request.socket.remoteAddress, protocol: "http", requestId });
    await openTunnel(upgrade, target).catch((error: unknown) => {
      logger.warn("a socket could not be passed on", { target, requestId, error });
      refuse(socket, { status: "503 Service Unavailable", requestId });
    });
  }

  function take(upgrade: Upgrade): void {
    const { request, socket } = upgrade;
    if (!isAllowed(request)) refuse(socket, { status: "403 Forbidden" });
    else if (draining.aborted) refuse(socket, { status: "503 Service Unavailable" });
    else if (request.method !== "GET" || hasBody(request)) refuse(socket, { status: "400 Bad Request" });
    else {
      open.add(socket);
      socket.once("close", () => open.delete(socket));
      passOn(upgrade).catch((error: unknown) => {
        logger.warn("an upgrade failed", { error });
        socket.destroy();
      });
    }
  }

  return {
    async handle(request, response) {
      if (!isSocketPath(request.url)) {
        sendProblem(response, "not_found");
        return;
      }
      if (!methods.has(request.method)) {
        sendProblem(response, "method_not_allowed", { headers: { Allow: [...methods].join(", ") } });
        return;
      }
      if (request.method !== "POST" && hasBody(request)) {
        sendProblem(response, "invalid_request", { detail: "This request has no body" });
        return;
      }
      if (!isAllowed(request)) {
        sendProblem(response, "forbidden", { detail: "Sockets of other sites are refused" });
        return;
      }
      const target = await pickNode(keyOf(request));
      if (target === undefined) {
        sendProblem(response, "unavailable", {
          detail: "Live events are down; they go on when this is back",
        });
        return;
      }
      replaceIdentityHeaders(request, describeForwarded(request));
      proxy.web(request, response, { target }, (error) => {
        logger.debug("a poll could not be passed on", { target, error });
        if (response.headersSent) response.destroy();
        else sendProblem(response, "unavailable");
      });
    },

    acceptUpgrades(server) {
      server.on("upgrade", (request, socket, head) => {
        const isWebSocket = request.headers.upgrade?.toLowerCase() === "websocket";
        if (!isWebSocket || !isSocketPath(request.url)) {
          serveAsPlainRequest(server, { request, socket, head });
          return;
        }
        socket.on("error", () => socket.destroy());
        take({ request, socket, head });
      });
    },
  };
}

/** What Socket.IO's polling uses, and the question before it from another site. */
const methods: ReadonlySet<string> = new Set(["GET", "POST", "OPTIONS"]);

/** The path exactly: a longer one could lead elsewhere in the node. */
function isSocketPath(url = ""): boolean {
  const path = url.split("?")[0];
  return path === "/socket.io" || path === "/socket.io/";
}

/** A WebSocket handshake of a browser always names its origin; Sec-Fetch-Site says the same of a poll. */
function siteOf(headers: IncomingMessage["headers"]): string | undefined {
  const site: string | string[] | undefined = headers["sec-fetch-site"];
  return typeof site === "string" ? site : undefined;
}

function refuse(
  socket: Duplex,
  { status, requestId = randomUUID() }: { status: string; requestId?: string },
): void {
  const retry = status.startsWith("503") ? ["Retry-After: 2"] : [];
  const lines = [`HTTP/1.1 ${status}`, ...retry, `X-Request-Id: ${requestId}`, "Connection: close"];
  socket.end(`${lines.join("\r\n")}\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
}
