import { z } from "zod";
import { generationProblemSchema } from "./problem";
import { idSchema, pageOf, timeSchema } from "./ids";

/** What workers work off; the rows in Postgres are the jobs, Redis only brings them sooner. */
export const workQueueNames = ["generation", "archive"] as const;
export const workQueueNameSchema = z.enum(workQueueNames);
export type WorkQueueName = z.infer<typeof workQueueNameSchema>;

const countSchema = z.number().int().min(0);

/** What Redis holds of a queue. */
export const deliveryCountsSchema = z.strictObject({
  waiting: countSchema,
  active: countSchema,
  delayed: countSchema,
  paused: z.boolean(),
});
export type DeliveryCounts = z.infer<typeof deliveryCountsSchema>;

/** A job that ended badly and can be run again. */
export const deadLetterSchema = z
  .strictObject({
    id: idSchema,
    userId: idSchema,
    attempt: countSchema,
    error: generationProblemSchema.nullable(),
    failedAt: timeSchema,
  })
  .meta({ id: "DeadLetter" });
export type DeadLetter = z.infer<typeof deadLetterSchema>;

export const queueViewSchema = z
  .strictObject({
    name: workQueueNameSchema,
    pausedAt: timeSchema.nullable(),
    /** by the rows, true whatever Redis does */
    counts: z.strictObject({
      queued: countSchema,
      /** of those queued, waiting for their next try */
      delayed: countSchema,
      running: countSchema,
      failed: countSchema,
    }),
    /** how long the oldest that could run has waited; null when none does */
    oldestWaitingMs: countSchema.nullable(),
    /** null: Redis can't be asked */
    deliveries: deliveryCountsSchema.nullable(),
    /** the latest, at most 20 */
    failed: z.array(deadLetterSchema),
  })
  .meta({ id: "Queue" });
export type QueueView = z.infer<typeof queueViewSchema>;

export const queueListSchema = pageOf(queueViewSchema).meta({ id: "QueueList" });
export type QueueList = z.infer<typeof queueListSchema>;

export const retryFailedResultSchema = z
  .strictObject({
    retried: countSchema,
    /** failed ones that are left, as retrying is done in batches */
    left: countSchema,
  })
  .meta({ id: "RetryFailedResult" });
export type RetryFailedResult = z.infer<typeof retryFailedResultSchema>;
