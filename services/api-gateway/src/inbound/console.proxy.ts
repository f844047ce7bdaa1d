import { Agent } from "node:http";
import type { Request, RequestHandler, Response } from "express";
import type { Logger } from "@vibe-friend/service-kit/logger";
import { sendProblem } from "@vibe-friend/service-kit/problem-response";
import { describeForwarded, replaceIdentityHeaders } from "./forwarded-headers";
import { createWebProxy, hasBody } from "./web-proxy";

const TIMEOUT_MS = 30_000;

const downPage = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>vibe-friend</title></head>
<body><h1>The console is not there right now</h1><p>The rest works: see <a href="/api/v1/docs">the API</a>.
Try again in a moment.</p></body></html>
`;

/** Everything that is not the API's goes to the console's own server; without it a page says so. */
export function createConsoleProxy({ url, logger }: { url: string; logger: Logger }): RequestHandler {
  const agent = new Agent({ keepAlive: true });
  const proxy = createWebProxy({ agent, proxyTimeout: TIMEOUT_MS });
  return (request, response, next) => {
    if (request.method !== "GET" && request.method !== "HEAD") {
      next();
      return;
    }
    if (hasBody(request)) {
      sendProblem(response, "invalid_request", { detail: "This request has no body" });
      return;
    }
    replaceIdentityHeaders(request, describeForwarded(request));
    // The console serves files; who asks for them is none of its business.
    delete request.headers.cookie;
    delete request.headers.authorization;
    proxy.web(request, response, { target: url }, (error) => {
      logger.warn("the console can't be reached", { error });
      answerDown(request, response);
    });
  };
}

function answerDown(request: Request, response: Response): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (!request.accepts("html")) {
    sendProblem(response, "unavailable");
    return;
  }
  response.setHeader("Retry-After", "2");
  response.setHeader("Cache-Control", "no-store");
  response.setHeader("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  response.setHeader("X-Content-Type-Options", "nosniff");
  response.status(503).type("html").send(downPage);
}
