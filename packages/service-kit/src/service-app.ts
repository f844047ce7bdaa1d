import express, { type Express, type Request, type RequestHandler } from "express";
import helmet, { type HelmetOptions } from "helmet";
import type { Health } from "./health";
import { createJsonBody } from "./json-body";
import type { Logger } from "./logger";
import type { Metrics } from "./metrics";
import { createOpsRoutes } from "./ops-routes";
import { answerNotFound, createErrorHandler } from "./problem-response";
import { assignRequestId } from "./request-id";

/** What every service's app is made with. */
export interface ServiceAppParts {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly health: Health;
}

export interface ServiceAppOptions {
  /** false: the service mounts `createJsonBody` itself, below its API only. Default true. */
  readonly json?: boolean;
  /** Every request is handled inside of it; for what goes with a request without being passed along. */
  readonly aroundRequests?: (handle: () => void, request: Request) => void;
  /** helmet's options, or false where what is proxied brings its own headers. Default: nothing may be loaded. */
  readonly helmet?: HelmetOptions | false;
}

/** For answers that are data: a browser may load and run nothing in them. */
export const dataOnlyHeaders: HelmetOptions = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      frameAncestors: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
    },
  },
  crossOriginResourcePolicy: { policy: "same-origin" },
  referrerPolicy: { policy: "no-referrer" },
  xFrameOptions: { action: "deny" },
};

/**
 * An Express app with request ids, metrics, security headers, `/livez`, `/readyz`, `/metrics`, then what
 * `mount` adds, then problem documents for what nobody answered and for every error.
 */
export function createServiceApp(
  parts: ServiceAppParts,
  mount: (app: Express) => void,
  options: ServiceAppOptions = {},
): Express {
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.set("query parser", "simple");
  app.use(assignRequestId, measure(parts.metrics), closeWhileDraining(parts.health));
  app.use(createOpsRoutes(parts));
  const { aroundRequests } = options;
  if (aroundRequests !== undefined) {
    app.use((request, _response, next) => {
      aroundRequests(next, request);
    });
  }
  if (options.helmet !== false) app.use(helmet(options.helmet ?? dataOnlyHeaders));
  if (options.json !== false) app.use(createJsonBody());
  mount(app);
  app.use(answerNotFound);
  app.use(createErrorHandler(parts.logger));
  return app;
}

function measure({ httpDuration }: Metrics): RequestHandler {
  return (request, response, next) => {
    const end = httpDuration.startTimer({ method: request.method });
    response.once("close", () => {
      const route = request.route as { path?: unknown } | undefined;
      const pattern = typeof route?.path === "string" ? request.baseUrl + route.path : "other";
      end({ route: pattern, status: response.statusCode });
    });
    next();
  };
}

/** Clients with kept-alive connections look for another process at their next request. */
function closeWhileDraining(health: Health): RequestHandler {
  return (_request, response, next) => {
    if (health.isDraining()) response.setHeader("Connection", "close");
    next();
  };
}
