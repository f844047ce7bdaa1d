import { z } from "zod";
import { generationEventSchema } from "./generation-event";
import { idSchema } from "./ids";
import { workQueueNameSchema } from "./queue-admin";

/**
 * News of one generation on topic `generation_<id>`: the log has grown up to `seqTo`. `events`, when they
 * ride along, are contiguous and end at `seqTo`; without them (pointer) the reader asks Postgres.
 */
export const generationNewsSchema = z.object({
  generationId: idSchema,
  seqTo: z.number().int().min(1),
  events: z.array(generationEventSchema).optional(),
});
export type GenerationNews = z.infer<typeof generationNewsSchema>;

export function generationTopic(generationId: string): string {
  return `generation_${generationId}`;
}

/** On topic `cancelled`: the row is cancelled already, this only makes its worker stop sooner. */
export const cancelledNewsSchema = z.object({ generationId: idSchema });
export const CANCELLED_TOPIC = "cancelled";

/** On topic `queued`: a row waits; idle workers without Redis look at once instead of at their next poll. */
export const queuedNewsSchema = z.object({ generationId: idSchema });
export const QUEUED_TOPIC = "queued";

/** On topic `archive-queued`: an archive waits; workers without Redis look at once. */
export const ARCHIVE_QUEUED_TOPIC = "archive-queued";

/** On topic `queue-resumed`: what waited for it may start; workers look at the rows at once. */
export const QUEUE_RESUMED_TOPIC = "queue-resumed";
export const queueResumedNewsSchema = z.object({ name: workQueueNameSchema });

/** On topic `archive_<generation>`: more of a zip can be read from Postgres, or it has ended. */
export const archiveNewsSchema = z.object({ generationId: idSchema, parts: z.number().int().min(0) });
export function archiveTopic(generationId: string): string {
  return `archive_${generationId}`;
}

/** On topic `announced`: everybody's inbox has grown. */
export const ANNOUNCED_TOPIC = "announced";
export const announcedNewsSchema = z.object({ announcementId: idSchema });

/** On topic `inbox_<user>`: the inbox has grown up to `lastSeq`; what it holds is read from Postgres. */
export const inboxNewsSchema = z.object({ userId: idSchema, lastSeq: z.number().int().min(1) });
export function inboxTopic(userId: string): string {
  return `inbox_${userId}`;
}

/** On topic `user_<id>`: sessions that were revoked; their sockets are closed. */
export const sessionsRevokedNewsSchema = z.object({
  type: z.literal("sessions-revoked"),
  userId: idSchema,
  sessionIds: z.array(idSchema),
});
export type SessionsRevokedNews = z.infer<typeof sessionsRevokedNewsSchema>;

export function userTopic(userId: string): string {
  return `user_${userId}`;
}
