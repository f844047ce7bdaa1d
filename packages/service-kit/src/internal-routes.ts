import express, { type Request, type Router } from "express";
import type { CallBody, CallResult, InternalCalls } from "./internal-calls";
import { requireInternalToken } from "./internal-token";
import { parseInput } from "./parse-input";

/** One handler per call; what it throws becomes a problem document. */
export type InternalHandlers<C extends InternalCalls> = {
  readonly [N in keyof C]: (body: CallBody<C, N>, request: Request) => Promise<CallResult<C, N>>;
};

/** `POST /internal/<name>` for every call, behind the token, bodies and answers checked by their schemas. */
export function createInternalRoutes<C extends InternalCalls>(options: {
  readonly calls: C;
  readonly handlers: InternalHandlers<C>;
  readonly audience: string;
  readonly secret: string;
}): Router {
  const router = express.Router();
  router.use("/internal", requireInternalToken(options));
  for (const [name, call] of Object.entries(options.calls)) {
    const handle = options.handlers[name];
    if (handle === undefined) throw new Error(`no handler for ${name}`);
    router.post(`/internal/${name}`, async (request, response) => {
      const body = parseInput(call.body, request.body);
      const result = await handle(body as CallBody<C, string>, request);
      response.setHeader("Cache-Control", "no-store");
      response.json(call.result.parse(result));
    });
  }
  return router;
}
