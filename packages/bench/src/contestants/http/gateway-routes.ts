import type { Request } from "express";
import type { SessionStore } from "@vibe-friend/redis-kit/sessions/session-store";
import { loadService } from "../load-service";
import { connectOurSessions, userEpoch } from "../sessions/ours";
import type { MountRoutes } from "./mount-routes";

interface Gate {
  admit(request: Request): Promise<{ readonly session: { readonly userId: string } }>;
}

interface Cookie {
  issue(token: string, expiresAt: number): string;
}

/** The parts of the built gateway that check a session. */
interface GatewayModules {
  readonly createGate: (parts: unknown) => Gate;
  readonly createSessionCookie: (publicUrl: string) => Cookie;
  readonly createCheckSession: (parts: unknown) => unknown;
  readonly createSessionFinder: (store: SessionStore) => unknown;
  readonly createCsrfTokens: (secret: string) => unknown;
  readonly createOriginPolicy: (publicUrl: string, origins: readonly string[]) => unknown;
}

const files = [
  "inbound/require-session",
  "inbound/session-cookie",
  "domain/check-access",
  "adapters/session-finder",
  "domain/csrf-token",
  "domain/origin-policy",
];

/** The gateway's own gate in front of one route: cookie, session, then the answer. */
export const mountGatewaySession: MountRoutes = async (app, setup) => {
  const gateway = (await loadService("api-gateway", files)) as GatewayModules;
  const ours = await connectOurSessions(setup);
  const { store } = ours;
  const publicUrl = "http://127.0.0.1";
  const cookie = gateway.createSessionCookie(publicUrl);
  const gate = gateway.createGate({
    cookie,
    csrf: gateway.createCsrfTokens("a secret for measuring only"),
    origins: gateway.createOriginPolicy(publicUrl, []),
    checkSession: gateway.createCheckSession({
      sessions: gateway.createSessionFinder(store),
      access: { find: () => Promise.reject(new Error("nothing here needs a permission")) },
    }),
  });
  app.post("/sign-in", async (_request, response) => {
    const { token, record } = await store.create({ userId: setup.userId, userEpoch });
    response.setHeader("Set-Cookie", cookie.issue(token, record.absoluteExpiresAt)).status(204).end();
  });
  app.get("/me", async (request, response) => {
    const { session } = await gate.admit(request);
    response.json({ userId: session.userId });
  });
  return () => ours.close();
};
