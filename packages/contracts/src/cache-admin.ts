import { z } from "zod";
import { pageOf, timeSchema } from "./ids";
import { readModelNameSchema, readModelStageSchema } from "./read-model-stage";

const countSchema = z.number().int().min(0);
const millisecondsSchema = z.number().min(0);

/** What reading one read model was like in one process since `since`. */
export const readModelFiguresSchema = z
  .strictObject({
    model: readModelNameSchema,
    description: z.string(),
    stage: readModelStageSchema,
    /** whose figures these are: the process that answers people's reads of it */
    process: z.enum(["api-gateway", "cache"]),
    /** the start of that process, or of the stage */
    since: timeSchema,
    calls: countSchema,
    /** reads that the cache answered, by where; in `shadow` those it would have answered */
    hits: z.strictObject({ memory: countSchema, redis: countSchema }),
    /** null before the first read that asked the cache */
    hitRate: z.number().min(0).max(1).nullable(),
    /** answers beyond their time, because the source couldn't be asked */
    stale: countSchema,
    /** loads that the source didn't answer */
    failures: countSchema,
    /** milliseconds; null before the first */
    cached: z.strictObject({ p50Ms: millisecondsSchema.nullable(), p99Ms: millisecondsSchema.nullable() }),
    source: z.strictObject({ p50Ms: millisecondsSchema.nullable(), p99Ms: millisecondsSchema.nullable() }),
    /** compared in `shadow`, and how many of them really differed; null where age alone makes a difference */
    compared: countSchema.nullable(),
    mismatches: countSchema.nullable(),
    /** hits times the mean time of the source, less what they took; null while one of the two is unknown */
    timeSavedMs: z.number().nullable(),
    ttlSeconds: countSchema,
    graceSeconds: countSchema,
    /** also kept in the memory of processes */
    memory: z.boolean(),
    /** loaded ahead of time every so many seconds; null: when asked for */
    refreshEverySeconds: countSchema.nullable(),
  })
  .meta({ id: "ReadModelFigures" });
export type ReadModelFigures = z.infer<typeof readModelFiguresSchema>;

/** The most called first: that is where switching the cache on pays. */
export const cacheViewSchema = pageOf(readModelFiguresSchema).meta({ id: "Cache" });
export type CacheView = z.infer<typeof cacheViewSchema>;

const nameSchema = z
  .string()
  .min(1)
  .max(300)
  .regex(/^[\x21-\x7e]+$/, { error: "must be printable characters without spaces" });

/** Names as read models have them, without the prefix of the cache (`users:list:limit=20`). */
export const invalidateCacheBodySchema = z
  .strictObject({
    tags: z.array(nameSchema).min(1).max(100).optional(),
    keys: z.array(nameSchema).min(1).max(100).optional(),
    /** every name that begins with it; at least 3 characters, so that nothing is emptied by a slip */
    prefix: nameSchema.min(3).optional(),
  })
  .refine((body) => Object.keys(body).length > 0, {
    error: "must name tags, keys or a prefix",
  })
  .meta({ id: "InvalidateCacheBody" });
export type InvalidateCacheBody = z.infer<typeof invalidateCacheBodySchema>;

export const invalidateCacheResultSchema = z
  .strictObject({
    tags: z.array(z.string()),
    keys: z.array(z.string()),
    prefix: z.string().nullable(),
    /** Redis couldn't be told now: the journal holds it, and nobody believes Redis before it knows */
    journaledOnly: z.boolean(),
  })
  .meta({ id: "InvalidateCacheResult" });
export type InvalidateCacheResult = z.infer<typeof invalidateCacheResultSchema>;
