import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { HttpConfig } from "./config-sections";
import type { Lifecycle } from "./lifecycle";
import type { Logger } from "./logger";
import { StartFault } from "./start-fault";
import { refuseUnreadable } from "./unreadable-request";

export interface ListenOptions {
  readonly app: RequestListener;
  readonly http: HttpConfig;
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
}

/** Milliseconds a stopping server waits for answers in flight before it cuts their connections. */
const IN_FLIGHT_MS = 20_000;
const IDLE_SWEEP_MS = 50;

/**
 * Listens with limits on header size, header time and body time. The lifecycle stops it first: no new
 * connections, answers in flight finish.
 *
 * @returns the server and its address (the port is chosen by the system when `http.port` is 0)
 * @throws {StartFault} when the port is busy
 */
export async function listenHttp(options: ListenOptions): Promise<{ server: Server; url: string }> {
  const { app, http, logger, lifecycle } = options;
  const server = createServer({ maxHeaderSize: 16 * 1024, connectionsCheckingInterval: 5000 }, app);
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  server.keepAliveTimeout = 65_000;
  server.maxHeadersCount = 100;
  server.on("clientError", refuseUnreadable);
  await startListening(server, http);
  server.on("error", (error) => {
    logger.error("a connection could not be accepted", { error });
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://${http.host.includes(":") ? `[${http.host}]` : http.host}:${port}`;
  lifecycle.own("http server", server, closeServer);
  logger.info("listening", { url });
  return { server, url };
}

function startListening(server: Server, { port, host }: HttpConfig): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(explainListenError(error, { port, host }));
    });
    server.listen(port, host, () => {
      server.removeAllListeners("error");
      resolve();
    });
  });
}

function explainListenError(error: NodeJS.ErrnoException, { port, host }: HttpConfig): Error {
  if (error.code === "EADDRINUSE") {
    return new StartFault(
      `PORT is "${port}": another process listens on ${host}:${port} already; set a free one`,
    );
  }
  if (error.code === "EACCES") {
    return new StartFault(`PORT is "${port}": this user may not listen there; set one from 1024 on`);
  }
  if (error.code === "EADDRNOTAVAIL" || error.code === "ENOTFOUND") {
    return new StartFault(`HOST is "${host}": must be an address of this machine`);
  }
  return error;
}

async function closeServer(server: Server): Promise<void> {
  const cut = setTimeout(() => {
    server.closeAllConnections();
  }, IN_FLIGHT_MS);
  // A kept-alive connection whose answer was in flight becomes idle later, and nobody else would close it.
  const sweep = setInterval(() => {
    server.closeIdleConnections();
  }, IDLE_SWEEP_MS);
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeIdleConnections();
  });
  clearTimeout(cut);
  clearInterval(sweep);
}
