import { z } from "zod";
import { idSchema } from "./ids";

/**
 * Jobs on the queue `generation`. A job carries the row's id and nothing else: the row is the job, and a
 * worker that can't claim it drops the delivery.
 */
export const generationJobs = {
  generate: z.object({ generationId: idSchema }),
} as const;
