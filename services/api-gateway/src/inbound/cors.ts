import type { RequestHandler } from "express";
import type { OriginPolicy } from "../domain/origin-policy";

/** Lets pages of the listed origins, and of no other, read answers with the person's cookie. */
export function createCors(origins: OriginPolicy): RequestHandler {
  return (request, response, next) => {
    const origin = request.get("origin");
    response.vary("Origin");
    if (origin === undefined || !origins.isListed(origin)) {
      next();
      return;
    }
    response.setHeader("Access-Control-Allow-Origin", origin);
    response.setHeader("Access-Control-Allow-Credentials", "true");
    response.setHeader(
      "Access-Control-Expose-Headers",
      "X-Request-Id, Location, Retry-After, Content-Disposition",
    );
    if (request.method !== "OPTIONS" || request.get("access-control-request-method") === undefined) {
      next();
      return;
    }
    response.setHeader("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE");
    response.setHeader(
      "Access-Control-Allow-Headers",
      "Content-Type, X-CSRF-Token, X-Request-Id, Idempotency-Key, Last-Event-ID, Authorization",
    );
    response.setHeader("Access-Control-Max-Age", "600");
    response.status(204).end();
  };
}
