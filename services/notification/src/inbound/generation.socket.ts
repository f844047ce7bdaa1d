import type { GenerationEvent } from "@vibe-friend/contracts/generation-event";
import {
  subscribeRequestSchema,
  unsubscribeRequestSchema,
  type SubscribeAck,
  type UnsubscribeAck,
} from "@vibe-friend/contracts/socket";
import type { z } from "zod";
import { createDeliver, type DeliveryLimits } from "../domain/deliver";
import { describeProblem, Refused } from "../domain/errors";
import type { OpenSubscriptions, Subscriptions } from "../domain/follow-generation";
import type { NotificationMetrics } from "../domain/ports";
import { createRateGate } from "../domain/rate-gate";
import { createEventOutlet } from "./outlet";
import type { LiveServer, LiveSocket } from "./socket-server";

export interface GenerationSocketDependencies {
  readonly openSubscriptions: OpenSubscriptions;
  readonly metrics: NotificationMetrics;
  readonly limits: DeliveryLimits;
}

/** Messages of one browser: a burst of 100, then 20 a second. */
const rate = { burst: 100, perSecond: 20 };

/** `generation:subscribe` and `generation:unsubscribe`; what they answer is never an exception. */
export function serveGenerations(io: LiveServer, dependencies: GenerationSocketDependencies) {
  const { openSubscriptions, metrics, limits } = dependencies;
  const bySocket = new Map<LiveSocket, Subscriptions>();

  io.on("connection", (socket) => {
    const deliver = createDeliver(createEventOutlet(socket), {
      metrics,
      limits,
      onSent: metrics.delivered,
      sizeOf,
    });
    const subscriptions = openSubscriptions(socket.data.person, deliver);
    const admit = createRateGate(rate);
    bySocket.set(socket, subscriptions);
    socket.on("disconnect", () => {
      subscriptions.close();
      bySocket.delete(socket);
    });
    socket.on("generation:subscribe", (request: unknown, ack: unknown) => {
      const answer = onceOf(ack);
      attempt(answer, async () => {
        if (!admit()) throw new Refused("rate_limited");
        const { id, after = 0 } = parse(subscribeRequestSchema, request);
        await subscriptions.follow({ id, after }, (position) => {
          answer({ ok: true, ...position });
        });
      });
    });
    socket.on("generation:unsubscribe", (request: unknown, ack: unknown) => {
      const answer = onceOf(ack);
      attempt(answer, () => {
        if (!admit()) throw new Refused("rate_limited");
        subscriptions.unfollow(parse(unsubscribeRequestSchema, request).id);
        answer({ ok: true });
      });
    });
  });

  return {
    countSubscriptions: (): number => {
      let count = 0;
      for (const subscriptions of bySocket.values()) count += subscriptions.size();
      return count;
    },
  };
}

function sizeOf(event: GenerationEvent): number {
  return 200 + (event.type === "file:delta" ? event.text.length : 0);
}

function attempt(
  answer: (refusal: Extract<SubscribeAck, { ok: false }>) => void,
  work: () => Promise<void> | void,
): void {
  Promise.resolve()
    .then(work)
    .catch((error: unknown) => {
      answer({ ok: false, problem: describeProblem(error) });
    });
}

function parse<T>(schema: z.ZodType<T>, request: unknown): T {
  const result = schema.safeParse(request);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new Refused("invalid_request", `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "is not valid"}`);
}

/** A client may leave the acknowledgement out, or send anything in its place. */
function onceOf(ack: unknown): (answer: SubscribeAck | UnsubscribeAck) => void {
  let answered = false;
  return (answer) => {
    if (answered || typeof ack !== "function") return;
    answered = true;
    (ack as (answer: unknown) => void)(answer);
  };
}
