import { randomUUID } from "node:crypto";
import { Agent, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Request, Response } from "express";
import { createProxyServer } from "http-proxy-3";
import type { Logger } from "@vibe-friend/service-kit/logger";
import { sendProblem } from "@vibe-friend/service-kit/problem-response";
import type { OriginPolicy } from "../domain/origin-policy";
import { describeForwarded, replaceIdentityHeaders } from "./forwarded-headers";
import { readBearer, type SessionCookie } from "./session-cookie";

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
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

/** Passes `/socket.io` on, polling and WebSocket, always the same caller to the same node. */
export function createSocketProxy(dependencies: SocketProxyDependencies): SocketProxy {
  const { pickNode, origins, cookie, logger, draining } = dependencies;
  const agent = new Agent({ keepAlive: true });
  const proxy = createProxyServer({ proxyTimeout: POLL_TIMEOUT_MS });
  const open = new Set<Duplex>();
  draining.addEventListener("abort", () => {
    for (const socket of open) socket.destroy();
    agent.destroy();
  });

  const isAllowed = ({ headers }: IncomingMessage) =>
    origins.allows({ origin: headers.origin, fetchSite: siteOf(headers), host: headers.host });

  const keyOf = (request: IncomingMessage) =>
    cookie.read(request) ?? readBearer(request) ?? request.socket.remoteAddress ?? "";

  async function passOn(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const target = await pickNode(keyOf(request));
    if (target === undefined) {
      refuse(socket, "503 Service Unavailable\r\nRetry-After: 2");
      return;
    }
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    replaceIdentityHeaders(request, {
      ip: request.socket.remoteAddress,
      protocol: "http",
      requestId: randomUUID(),
    });
    proxy.ws(request, socket, head, { target }, (error) => {
      logger.warn("a socket could not be passed on", { target, error });
    });
  }

  return {
    async handle(request, response) {
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
      proxy.web(request, response, { target, agent }, (error) => {
        logger.debug("a poll could not be passed on", { target, error });
        if (response.headersSent) response.destroy();
        else sendProblem(response, "unavailable");
      });
    },

    upgrade(request, socket, head) {
      socket.on("error", () => socket.destroy());
      const path = (request.url ?? "").split("?")[0];
      if (path !== "/socket.io/" && path !== "/socket.io") refuse(socket, "404 Not Found");
      else if (!isAllowed(request)) refuse(socket, "403 Forbidden");
      else if (draining.aborted) refuse(socket, "503 Service Unavailable\r\nRetry-After: 1");
      else {
        passOn(request, socket, head).catch((error: unknown) => {
          logger.warn("an upgrade failed", { error });
          socket.destroy();
        });
      }
    },
  };
}

/** A WebSocket handshake of a browser always names its origin; Sec-Fetch-Site says the same of a poll. */
function siteOf(headers: IncomingMessage["headers"]): string | undefined {
  const site: string | string[] | undefined = headers["sec-fetch-site"];
  return typeof site === "string" ? site : undefined;
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
