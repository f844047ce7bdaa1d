import type { Request, Response } from "express";
import type { SignedIn } from "@vibe-friend/contracts/internal";
import type { CsrfTokens } from "../domain/csrf-token";
import { describeSession } from "../domain/describe-session";
import type { Accounts, SignInOrigin } from "../domain/ports";
import type { RouteHandlers } from "./api-routes";
import { describeCaller } from "./caller";
import type { SessionCookie } from "./session-cookie";

export interface AuthRoutesDependencies {
  readonly accounts: Accounts;
  readonly cookie: SessionCookie;
  readonly csrf: CsrfTokens;
}

type AuthHandlers = Pick<RouteHandlers, "register" | "login" | "redeemLink" | "logout" | "session">;

/** Accounts are the auth service's; the cookie is the gateway's. */
export function createAuthRoutes({ accounts, cookie, csrf }: AuthRoutesDependencies): AuthHandlers {
  const originOf = (request: Request): SignInOrigin => ({
    caller: describeCaller(request),
    previousToken: cookie.read(request),
  });

  function answerSignedIn(response: Response, status: number, { user, session, token }: SignedIn): void {
    response.append("Set-Cookie", cookie.issue(token, session.absoluteExpiresAt));
    response.status(status).json({
      user,
      session: describeSession(session, session.id),
      csrfToken: csrf.tokenFor(session.id),
    });
  }

  return {
    async register({ body }, request, response) {
      answerSignedIn(response, 201, await accounts.register(body, originOf(request)));
    },
    async login({ body }, request, response) {
      answerSignedIn(response, 200, await accounts.login(body, originOf(request)));
    },
    async redeemLink({ body }, request, response) {
      answerSignedIn(response, 200, await accounts.redeemLink(body, originOf(request)));
    },
    async logout({ principal }, request, response) {
      const { id: sessionId, userId } = principal.session;
      await accounts.logout({ userId, sessionId }, describeCaller(request));
      response.append("Set-Cookie", cookie.clear());
      response.status(204).end();
    },
    async session({ principal: { session, readAccess } }, _request, response) {
      const { user, roles, permissions } = await readAccess();
      response.json({
        user,
        roles,
        permissions,
        session: describeSession(session, session.id),
        csrfToken: csrf.tokenFor(session.id),
      });
    },
  };
}
