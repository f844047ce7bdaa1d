import { internalNotificationCalls } from "@vibe-friend/contracts/internal";
import { createInternalClient, type InternalClient } from "@vibe-friend/service-kit/internal-client";
import type { Logger } from "@vibe-friend/service-kit/logger";
import { ProblemError } from "@vibe-friend/service-kit/problem-error";
import { budgetHeaders } from "@vibe-friend/redis-kit/degradation/callers-budget";
import { unavailable } from "../domain/errors";
import type { Inboxes } from "../domain/ports";
import type { PickNode } from "./node-picker";

export interface NotificationNodesOptions {
  readonly pickNode: PickNode;
  readonly secret: string;
  readonly logger: Logger;
}

type Node = InternalClient<typeof internalNotificationCalls>;

/** Postgres answers within 2 s or not at all. */
const TIMEOUT_MS = 3000;
/** One row for everybody. */
const ANNOUNCE_TIMEOUT_MS = 10_000;
/** Nodes come and go; so many are remembered. */
const MAX_NODES = 100;

/** Inboxes through any notification node; what may be asked twice is asked of another one when the first fails. */
export function createNotificationNodes({ pickNode, secret, logger }: NotificationNodesOptions): Inboxes {
  const nodes = new Map<string, Node>();

  function connect(url: string): Node {
    const known = nodes.get(url);
    if (known !== undefined) return known;
    if (nodes.size >= MAX_NODES) nodes.clear();
    const node = createInternalClient({
      calls: internalNotificationCalls,
      ...{ url, secret, logger, timeoutMs: TIMEOUT_MS },
      ...{ audience: "notification", issuer: "api-gateway", headers: budgetHeaders },
    });
    nodes.set(url, node);
    return node;
  }

  async function pick(key: string): Promise<string> {
    const url = await pickNode(key);
    if (url !== undefined) return url;
    throw unavailable("Notifications are down; they are kept and come when this is back");
  }

  async function ask<T>(userId: string, question: (node: Node) => Promise<T>): Promise<T> {
    const first = await pick(userId);
    try {
      return await question(connect(first));
    } catch (error) {
      if (!(error instanceof ProblemError) || error.code !== "unavailable") throw error;
      const other = await pickNode(userId, first);
      if (other === undefined) throw error;
      return await question(connect(other));
    }
  }

  return {
    list: (query, requestId) => ask(query.userId, (node) => node.call("inbox", query, { requestId })),
    markRead: (target, requestId) =>
      ask(target.userId, (node) => node.call("mark-read", target, { requestId })),
    markAllRead: (userId, requestId) =>
      ask(userId, (node) => node.call("mark-all-read", { userId }, { requestId })),
    async announce(order) {
      const node = connect(await pick(order.userId));
      // Asked once: an announcement that nobody confirmed may have been made.
      return node.call("announce", order, {
        requestId: order.caller.requestId,
        timeoutMs: ANNOUNCE_TIMEOUT_MS,
      });
    },
    async tellLimit(order) {
      await ask(order.userId, (node) => node.call("limit", order));
    },
  };
}
