import { createHash } from "node:crypto";

/**
 * Nodes in the order in which somebody should try them (rendezvous hashing): the same key keeps its node
 * while that lives, and the loss of one node moves only those who were on it.
 */
export function orderNodes(key: string, nodes: readonly string[]): string[] {
  const weigh = (node: string) => createHash("sha256").update(`${key}\u0000${node}`).digest("hex");
  return [...nodes].sort((a, b) => (weigh(a) < weigh(b) ? 1 : -1));
}
