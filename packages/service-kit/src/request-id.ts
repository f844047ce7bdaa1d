import { randomUUID } from "node:crypto";
import type { Request, RequestHandler } from "express";

declare module "express-serve-static-core" {
  interface Request {
    /** `X-Request-Id`: the caller's if it is sane, else a new one */
    id: string;
  }
}

const sane = /^[A-Za-z0-9._:-]{1,100}$/;

/** The id given by `assignRequestId`. */
export function readRequestId(request: Request): string {
  return request.id;
}

/** Gives every request an id and every answer `X-Request-Id`. */
export const assignRequestId: RequestHandler = (request, response, next) => {
  const given = request.get("x-request-id");
  request.id = given !== undefined && sane.test(given) ? given : randomUUID();
  response.setHeader("X-Request-Id", request.id);
  next();
};
