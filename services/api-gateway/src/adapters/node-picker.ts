import { connect } from "node:net";
import { orderNodes } from "../domain/order-nodes";
import { createFindNodes } from "./find-nodes";

/** Milliseconds that what was found out about a node is believed, and that finding out may take. */
const BELIEVED_MS = 1000;
const CONNECT_MS = 300;

/**
 * Picks the first node that takes connections, in the key's own order.
 *
 * @param except one that was tried already
 * @returns undefined when none does
 */
export type PickNode = (key: string, except?: string) => Promise<string | undefined>;

export function createNodePicker(urls: readonly string[]): PickNode {
  const findNodes = createFindNodes(urls);
  const known = new Map<string, { readonly isAlive: Promise<boolean>; readonly askedAt: number }>();

  function isAlive(url: string): Promise<boolean> {
    const before = known.get(url);
    if (before !== undefined && performance.now() - before.askedAt < BELIEVED_MS) return before.isAlive;
    const answer = takesConnections(url);
    known.set(url, { isAlive: answer, askedAt: performance.now() });
    return answer;
  }

  return async (key, except) => {
    for (const url of orderNodes(key, await findNodes())) {
      if (url !== except && (await isAlive(url))) return url;
    }
    return undefined;
  };
}

function takesConnections(url: string): Promise<boolean> {
  const { hostname, port, protocol } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({
      host: hostname.replace(/^\[|\]$/g, ""),
      port: port === "" ? (protocol === "https:" ? 443 : 80) : Number(port),
      timeout: CONNECT_MS,
    });
    const answer = (isAlive: boolean) => () => {
      socket.destroy();
      resolve(isAlive);
    };
    socket.once("connect", answer(true));
    socket.once("timeout", answer(false));
    socket.once("error", answer(false));
  });
}
