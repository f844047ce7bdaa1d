import { randomBytes, randomUUID } from "node:crypto";
import { openConnectPgSimple, openConnectRedis } from "./express-stores";
import type { ExpressSessionData } from "./express-stores";
import { sessionTtlMs } from "./session-contestant";
import type { OpenSessions } from "./session-contestant";

/** A store of express-session, asked as its middleware does: get, and touch at the end of every request. */
export const openExpressSessions: OpenSessions = async (setup) => {
  const opened =
    setup.adapter === "connect-redis" ? await openConnectRedis(setup) : await openConnectPgSimple(setup);
  const { store } = opened;
  const sessions = new Map<string, ExpressSessionData>();
  return {
    async create() {
      const id = randomBytes(24).toString("base64url");
      const data = makeSession(setup.userId);
      await settle((done) => store.set(id, data, done));
      sessions.set(id, data);
      return id;
    },
    find: (id) =>
      new Promise((resolve, reject) => {
        store.get(id, (error, data) => {
          if (error === null || error === undefined) resolve(data?.userId);
          else reject(error instanceof Error ? error : new Error("the store failed", { cause: error }));
        });
      }),
    async touch(id) {
      const data = sessions.get(id);
      if (data !== undefined) await settle((done) => store.touch(id, data, done));
    },
    close: () => opened.close(),
  };
};

/** As much as a session of ours holds. */
function makeSession(userId: string): ExpressSessionData {
  const expires = new Date(Date.now() + sessionTtlMs).toISOString();
  return {
    cookie: { originalMaxAge: sessionTtlMs, expires, httpOnly: true },
    userId,
    id: randomUUID(),
    userAgent: "bench",
    ip: "127.0.0.1",
    createdAt: Date.now(),
  };
}

function settle(call: (done: (error?: unknown) => void) => unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    call((error) => {
      if (error === null || error === undefined) resolve();
      else reject(error instanceof Error ? error : new Error("the store failed", { cause: error }));
    });
  });
}
