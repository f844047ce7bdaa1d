import { z } from "zod";
import type { GenerationEvent } from "./generation-event";
import { generationStatusSchema } from "./generation";
import { idSchema } from "./ids";
import type { Notification } from "./notification";
import type { Problem } from "./problem";
import type { SystemStatus } from "./system-status";

export const subscribeRequestSchema = z.strictObject({
  id: idSchema,
  after: z.number().int().min(0).optional(),
});
export type SubscribeRequest = z.input<typeof subscribeRequestSchema>;

export const unsubscribeRequestSchema = z.strictObject({ id: idSchema });

export const subscribeAckSchema = z.strictObject({
  ok: z.literal(true),
  status: generationStatusSchema,
  lastSeq: z.number().int().min(0),
});

export type Refusal = { readonly ok: false; readonly problem: Problem };
export type SubscribeAck = z.infer<typeof subscribeAckSchema> | Refusal;
export type UnsubscribeAck = { readonly ok: true } | Refusal;

/** Socket.IO's type map, browser to server. */
export interface ClientToServerEvents {
  "generation:subscribe": (request: SubscribeRequest, ack: (answer: SubscribeAck) => void) => void;
  "generation:unsubscribe": (request: { id: string }, ack: (answer: UnsubscribeAck) => void) => void;
}

/** Socket.IO's type map, server to browser. */
export interface ServerToClientEvents {
  "generation:event": (event: GenerationEvent) => void;
  /** Of the person's own inbox, in order: what is unread at every connect, then what comes. */
  notification: (notification: Notification) => void;
  "system:status": (status: SystemStatus) => void;
  "session:revoked": () => void;
}

/** Bytes in one message from a browser. */
export const MAX_SOCKET_MESSAGE_BYTES = 64 * 1024;
