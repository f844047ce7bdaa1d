import { z } from "zod";
import { idSchema } from "./ids";

/**
 * Jobs on the queue `generation`. A job carries the row's id and nothing else: the row is the job, and a
 * worker that can't claim it drops the delivery.
 */
export const generationJobs = {
  generate: z.object({ generationId: idSchema }),
} as const;

/** Jobs on the queue `archive`: the row in `archives` is the job, as above. */
export const ARCHIVE_QUEUE = "archive";
export const archiveJobs = {
  build: z.object({ generationId: idSchema }),
} as const;

export const CACHE_REFRESH_QUEUE = "cache-refresh";

/** Jobs on the queue `cache-refresh`, made by schedules: a read model is loaded before its time is over. */
export const cacheRefreshJobs = {
  refresh: z.object({ model: z.enum(["statistics"]) }),
} as const;
