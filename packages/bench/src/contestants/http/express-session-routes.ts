import type { Request, RequestHandler } from "express";
import { importDefault, openConnectPgSimple, openConnectRedis } from "../sessions/express-stores";
import { sessionTtlMs } from "../sessions/session-contestant";
import type { MountRoutes } from "./mount-routes";

type CreateSession = (options: unknown) => RequestHandler;
type SessionRequest = Request & { session: { userId?: string } };

/** express-session as its documentation advises: not saved unless changed, touched at every request. */
export const mountExpressSession: MountRoutes = async (app, setup) => {
  const createSession = (await importDefault(setup.peerDirectory, "express-session")) as CreateSession;
  const opened =
    setup.adapter === "connect-redis" ? await openConnectRedis(setup) : await openConnectPgSimple(setup);
  app.use(
    createSession({
      store: opened.store,
      secret: "a secret for measuring only",
      resave: false,
      saveUninitialized: false,
      cookie: { maxAge: sessionTtlMs, sameSite: "lax" },
    }),
  );
  app.post("/sign-in", (request, response) => {
    (request as SessionRequest).session.userId = setup.userId;
    response.status(204).end();
  });
  app.get("/me", (request, response) => {
    const { userId } = (request as SessionRequest).session;
    if (userId === undefined) response.status(401).end();
    else response.json({ userId });
  });
  return () => opened.close();
};
