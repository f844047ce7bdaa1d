import { z } from "zod";
import { timeSchema } from "./ids";
import { systemModeSchema } from "./system-status";

const countSchema = z.number().int().min(0);

/** Generations by how they are now. */
const generationsByStatusSchema = z.strictObject({
  queued: countSchema,
  running: countSchema,
  completed: countSchema,
  failed: countSchema,
  cancelled: countSchema,
});

/** What Postgres counts for the dashboard; cached, so `at` says when it was true. */
export const statisticsSchema = z.strictObject({
  at: timeSchema,
  users: z.strictObject({ total: countSchema, disabled: countSchema, newLast7Days: countSchema }),
  generations: z.strictObject({
    total: countSchema,
    byStatus: generationsByStatusSchema,
    /** the last 14 days (UTC), oldest first, days without any included; by the day of submission */
    perDay: z.array(z.strictObject({ day: z.iso.date(), ...generationsByStatusSchema.shape })),
  }),
  sessions: z.strictObject({ open: countSchema, usersSignedIn: countSchema }),
});
export type Statistics = z.infer<typeof statisticsSchema>;

/** GET /admin/stats: the cached counts and what is true right now. */
export const statisticsViewSchema = z
  .strictObject({
    ...statisticsSchema.shape,
    /** older than they should be: their source can't be asked right now */
    stale: z.boolean(),
    /** of all read models of the cache service's process that answered; null: nothing was read yet */
    cacheHitRate: z.number().min(0).max(1).nullable(),
    /** the queue `generation`; null when Redis can't be asked, `generations.byStatus.queued` is the truth then */
    queue: z
      .strictObject({
        waiting: countSchema,
        active: countSchema,
        delayed: countSchema,
        failed: countSchema,
      })
      .nullable(),
    mode: systemModeSchema,
  })
  .meta({ id: "Statistics" });
export type StatisticsView = z.infer<typeof statisticsViewSchema>;
