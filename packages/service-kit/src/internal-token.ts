import type { RequestHandler } from "express";
import jwt from "jsonwebtoken";

/** Seconds a token is good for; also the oldest one that is accepted. */
const TOKEN_SECONDS = 30;
const MAX_TOKEN_SECONDS = 60;
const CLOCK_TOLERANCE_SECONDS = 5;

export interface TokenClaims {
  /** who calls */
  readonly issuer: string;
  /** whom it calls: a token for one service is refused by the others */
  readonly audience: string;
  readonly secret: string;
  /** milliseconds to add to this machine's clock, learnt from the other side */
  readonly clockOffsetMs?: number;
}

/** Signs one call (HS256). */
export function signInternalToken({ issuer, audience, secret, clockOffsetMs = 0 }: TokenClaims): string {
  const issuedAt = Math.floor((Date.now() + clockOffsetMs) / 1000);
  return jwt.sign({ iat: issuedAt, exp: issuedAt + TOKEN_SECONDS }, secret, {
    algorithm: "HS256",
    issuer,
    audience,
  });
}

/** Who calls. @throws {Error} on a wrong signature, audience or age */
export function verifyInternalToken(token: string, expected: { audience: string; secret: string }): string {
  const claims = jwt.verify(token, expected.secret, {
    algorithms: ["HS256"],
    audience: expected.audience,
    maxAge: `${MAX_TOKEN_SECONDS}s`,
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
  });
  if (typeof claims === "string" || claims.iat === undefined || claims.iss === undefined) {
    throw new Error("a claim is missing");
  }
  if (claims.iat * 1000 > Date.now() + CLOCK_TOLERANCE_SECONDS * 1000)
    throw new Error("signed in the future");
  return claims.iss;
}

/** The code of the answer to a call without a good token; never shown to a person. */
export const INTERNAL_TOKEN_REFUSED = "internal_token_refused";

/** Lets only the other services in. */
export function requireInternalToken(expected: { audience: string; secret: string }): RequestHandler {
  return (request, response, next) => {
    const [scheme, token] = (request.get("authorization") ?? "").split(" ");
    try {
      if (scheme !== "Bearer" || token === undefined) throw new Error("no token");
      verifyInternalToken(token, expected);
    } catch {
      const problem = {
        type: "about:blank",
        title: "Not from a service",
        status: 401,
        code: INTERNAL_TOKEN_REFUSED,
      };
      response.status(401).type("application/problem+json").send(JSON.stringify(problem));
      return;
    }
    next();
  };
}
