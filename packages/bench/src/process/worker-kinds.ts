import { openCacheWorker } from "../contestants/cache/cache-worker";
import { openConnectionWorker } from "../contestants/connection-worker";
import { openHttpWorker } from "../contestants/http/http-worker";
import { openSessionWorker } from "../contestants/sessions/session-worker";

/** What can run in a process of its own. */
export const workerKinds = {
  cache: openCacheWorker,
  connection: openConnectionWorker,
  http: openHttpWorker,
  session: openSessionWorker,
};

export type WorkerKinds = typeof workerKinds;
