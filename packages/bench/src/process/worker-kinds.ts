import { openNaiveWorker } from "../contestants/blocking/naive-worker";
import { openCacheWorker } from "../contestants/cache/cache-worker";
import { openConnectionWorker } from "../contestants/connection-worker";
import { openSocketClients } from "../contestants/fan-out/socket-clients-worker";
import { openSocketNode } from "../contestants/fan-out/socket-node-worker";
import { openHttpWorker } from "../contestants/http/http-worker";
import { openSessionWorker } from "../contestants/sessions/session-worker";
import { openSubmitWorker } from "../contestants/submit/submit-worker";

/** What can run in a process of its own. */
export const workerKinds = {
  cache: openCacheWorker,
  connection: openConnectionWorker,
  http: openHttpWorker,
  naive: openNaiveWorker,
  session: openSessionWorker,
  "socket-clients": openSocketClients,
  "socket-node": openSocketNode,
  submit: openSubmitWorker,
};

export type WorkerKinds = typeof workerKinds;
