import express from "express";
import type { Express } from "express";
import type { AddressInfo } from "node:net";
import type { SessionSetup } from "../sessions/session-contestant";
import { mountExpressSession } from "./express-session-routes";
import { mountGatewaySession } from "./gateway-routes";

export interface HttpSetup extends Omit<SessionSetup, "adapter"> {
  readonly adapter: SessionSetup["adapter"] | "none";
}

/** An Express server in this process. */
export async function openHttpWorker(setup: HttpSetup) {
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  const close = await mount(app, setup);
  const server = app.listen(0, "127.0.0.1");
  // Connections wait while others have their turn; by default they would be closed after 5 s.
  server.keepAliveTimeout = 0;
  await new Promise((resolve) => server.once("listening", resolve));
  return {
    readPort: (): Promise<number> => Promise.resolve((server.address() as AddressInfo).port),
    async close(): Promise<void> {
      server.closeAllConnections();
      server.close();
      await close();
    },
  };
}

function mount(app: Express, setup: HttpSetup): Promise<() => Promise<unknown>> {
  const { adapter } = setup;
  switch (adapter) {
    case "none":
      return mountNoSession(app, setup.userId);
    case "ours":
    case "ours-degraded":
      return mountGatewaySession(app, { ...setup, adapter });
    case "connect-redis":
    case "connect-pg-simple":
      return mountExpressSession(app, { ...setup, adapter });
  }
}

/** What Express and the answer cost by themselves. */
function mountNoSession(app: Express, userId: string): Promise<() => Promise<unknown>> {
  app.post("/sign-in", (_request, response) => {
    response.setHeader("Set-Cookie", "none=none").status(204).end();
  });
  app.get("/me", (_request, response) => {
    response.json({ userId });
  });
  return Promise.resolve(() => Promise.resolve());
}
