import type { Agent, IncomingMessage } from "node:http";
import { createProxyServer } from "http-proxy-3";

/** What is passed on to somebody is passed on as it came: a path is never made shorter on the way. */
export function createWebProxy(options: { readonly agent: Agent; readonly proxyTimeout: number }) {
  const proxy = createProxyServer({ ...options, toProxy: true });
  // Without a listener of ours an error that comes after the answer would end the process.
  proxy.on("error", () => undefined);
  proxy.on("proxyRes", (answer, _request, response) => {
    // An answer that breaks off behind us has to break off in front of us: its reader would wait for ever.
    answer.once("close", () => {
      if (!answer.complete) response.destroy();
    });
  });
  return proxy;
}

/** A body where none belongs could be read by the next one as a request of its own. */
export function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers["content-length"];
  return headers["transfer-encoding"] !== undefined || (length !== undefined && length !== "0");
}
