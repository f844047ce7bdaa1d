import type { Request } from "express";
import { ProblemError } from "@vibe-friend/service-kit/problem-error";
import { checkPermission, type Principal } from "../domain/check-access";
import type { CsrfTokens } from "../domain/csrf-token";
import type { OriginPolicy } from "../domain/origin-policy";
import { readBearer, type SessionCookie } from "./session-cookie";

export interface GateDependencies {
  readonly checkSession: (token: string | undefined) => Promise<Principal>;
  readonly csrf: CsrfTokens;
  readonly origins: OriginPolicy;
  readonly cookie: SessionCookie;
}

/** The checks before a route's handler, in order. */
export interface Gate {
  /** For routes without a session: only pages of this site may have a browser sign in. */
  admitPublic(request: Request): void;
  /**
   * Session, then where an unsafe request with a cookie comes from, then the permission. A bearer token
   * is never sent by a browser on its own, so it needs no proof of where it comes from.
   */
  admit(request: Request, permission?: string): Promise<Principal>;
}

const safeMethods = new Set(["GET", "HEAD", "OPTIONS"]);

export function createGate({ checkSession, csrf, origins, cookie }: GateDependencies): Gate {
  function checkOrigin(request: Request): void {
    const from = {
      origin: request.get("origin"),
      fetchSite: request.get("sec-fetch-site"),
      host: request.get("host"),
    };
    if (origins.allows(from)) return;
    throw new ProblemError("csrf_failed", { detail: "The request comes from another site" });
  }

  return {
    admitPublic(request) {
      if (!safeMethods.has(request.method)) checkOrigin(request);
    },
    async admit(request, permission) {
      const bearer = readBearer(request);
      const principal = await checkSession(bearer ?? cookie.read(request));
      if (bearer === undefined && !safeMethods.has(request.method)) {
        checkOrigin(request);
        if (!csrf.isFor(principal.session.id, request.get("x-csrf-token"))) {
          throw new ProblemError("csrf_failed", { detail: "X-CSRF-Token is missing or not of this session" });
        }
      }
      if (permission !== undefined) await checkPermission(principal, permission);
      return principal;
    },
  };
}
