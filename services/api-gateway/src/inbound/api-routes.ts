import express, { type Request, type Response, type Router } from "express";
import type { z } from "zod";
import { routes, type RouteDefinition, type RouteName } from "@vibe-friend/contracts/routes";
import { createJsonBody } from "@vibe-friend/service-kit/json-body";
import { parseInput } from "@vibe-friend/service-kit/parse-input";
import { sendProblem } from "@vibe-friend/service-kit/problem-response";
import type { Principal } from "../domain/check-access";
import { notFound } from "../domain/errors";
import { leavePlace } from "./request-places";
import type { Gate } from "./require-session";

type Part<R, K extends string> =
  R extends Readonly<Record<K, infer S extends z.ZodType>> ? z.output<S> : undefined;

/** What a handler gets: everything read through the route's schemas. */
export interface RouteInput<R> {
  readonly principal: R extends { readonly access: "public" } ? undefined : Principal;
  readonly params: Part<R, "params">;
  readonly query: Part<R, "query">;
  readonly headers: Part<R, "headers">;
  readonly body: Part<R, "body">;
}

export type RouteHandler<R> = (
  input: RouteInput<R>,
  request: Request,
  response: Response,
) => Promise<void> | void;

/** One handler for every route of contracts' table. */
export type RouteHandlers = { readonly [N in RouteName]: RouteHandler<(typeof routes)[N]> };

type AnyHandler = (input: unknown, request: Request, response: Response) => Promise<void> | void;

/** Milliseconds after which a body that is still on its way holds nobody up any longer. */
const SLOW_BODY_MS = 500;

/** Mounts the table: gate, body, schemas, handler; other methods of a known path are 405. */
export function createApiRoutes(handlers: RouteHandlers, gate: Gate): Router {
  const router = express.Router({ caseSensitive: true });
  const readBody = createJsonBody();
  const methodsByPath = new Map<string, string[]>();
  for (const [name, route] of Object.entries<RouteDefinition>(routes)) {
    const handle = handlers[name as RouteName] as AnyHandler;
    methodsByPath.set(route.path, [...(methodsByPath.get(route.path) ?? []), route.method]);
    router[route.method](route.path, async (request, response) => {
      response.setHeader("Cache-Control", "no-store");
      const principal = await admit(gate, route, request);
      if (route.method !== "get") await runBodyParser(readBody, request, response);
      if (response.headersSent) return;
      await handle({ principal, ...readInput(route, request) }, request, response);
    });
  }
  for (const [path, methods] of methodsByPath) router.all(path, createMethodFilter(methods));
  return router;
}

async function admit(gate: Gate, route: RouteDefinition, request: Request): Promise<Principal | undefined> {
  if (route.access === "public") {
    gate.admitPublic(request);
    return undefined;
  }
  return await gate.admit(request, route.access === "session" ? undefined : route.access);
}

/** Strangers' bodies are not parsed, so this comes after the gate. Resolves too when it has answered itself. */
function runBodyParser(readBody: Router, request: Request, response: Response): Promise<void> {
  return new Promise((resolve, reject) => {
    const slow = setTimeout(() => {
      leavePlace(response);
    }, SLOW_BODY_MS);
    response.once("close", () => {
      clearTimeout(slow);
    });
    response.once("finish", resolve);
    readBody(request, response, (error: unknown) => {
      clearTimeout(slow);
      response.removeListener("finish", resolve);
      if (error === undefined || error === null) resolve();
      else reject(error instanceof Error ? error : new Error("the body can't be read", { cause: error }));
    });
  });
}

function readInput(route: RouteDefinition, request: Request) {
  return {
    params: route.params && readParams(route.params, request),
    query: route.query && parseInput(route.query, request.query, "query"),
    headers: route.headers && parseInput(route.headers, request.headers, "headers"),
    body: route.body && parseInput(route.body, request.body),
  };
}

/** What can't be an id is the id of nothing: the same answer as for an unknown and a foreign one. */
function readParams(schema: z.ZodType, request: Request): unknown {
  const params = schema.safeParse(joinWildcards(request.params));
  if (!params.success) throw notFound();
  return params.data;
}

/** Express 5 gives `*path` as its segments. */
function joinWildcards(params: Readonly<Record<string, string | string[]>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, Array.isArray(value) ? value.join("/") : value]),
  );
}

function createMethodFilter(methods: readonly string[]) {
  const names = methods.map((method) => method.toUpperCase());
  const allow = [...names, ...(names.includes("GET") ? ["HEAD"] : []), "OPTIONS"].join(", ");
  return (request: Request, response: Response) => {
    if (request.method === "OPTIONS") response.setHeader("Allow", allow).status(204).end();
    else sendProblem(response, "method_not_allowed", { headers: { Allow: allow } });
  };
}
