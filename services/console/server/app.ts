import { join } from "node:path";
import { createServiceApp, type ServiceAppParts } from "@vibe-friend/service-kit/service-app";
import express, { type Express, type RequestHandler } from "express";

export interface AppParts extends ServiceAppParts {
  /** The folder that holds the built page: `index.html` and `assets/`. */
  readonly webRoot: string;
}

/** Everything from this origin; styles may be inline, since the component library sets them on elements. */
const pageHeaders = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'self'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", "data:"],
      objectSrc: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
  },
  referrerPolicy: { policy: "no-referrer" },
  xFrameOptions: { action: "deny" },
} as const;

const YEAR_SECONDS = 365 * 24 * 3600;

/** The page for every address that isn't a file: the browser's own router knows the rest. */
export function createApp({ webRoot, ...parts }: AppParts): Express {
  return createServiceApp(
    parts,
    (app) => {
      app.use("/assets", express.static(join(webRoot, "assets"), { index: false, setHeaders: keepForEver }));
      app.use(express.static(webRoot, { index: false, setHeaders: askEveryTime }));
      app.get("/{*path}", servePage(webRoot));
    },
    { json: false, helmet: pageHeaders },
  );
}

/** Names of assets carry a hash of their content. */
function keepForEver(response: { setHeader(name: string, value: string): unknown }): void {
  response.setHeader("Cache-Control", `public, max-age=${YEAR_SECONDS}, immutable`);
}

function askEveryTime(response: { setHeader(name: string, value: string): unknown }): void {
  response.setHeader("Cache-Control", "no-cache");
}

function servePage(webRoot: string): RequestHandler {
  return (request, response, next) => {
    const isFile = request.path.startsWith("/assets/") || /\.\w{1,5}$/.test(request.path);
    if (isFile || !request.accepts("html")) {
      next();
      return;
    }
    askEveryTime(response);
    for (const condition of ["if-match", "if-unmodified-since"]) {
      Reflect.deleteProperty(request.headers, condition);
    }
    const options = { root: webRoot, cacheControl: false, acceptRanges: false };
    response.sendFile("index.html", options, (error?: Error) => {
      if (error !== undefined) next(error);
    });
  };
}
