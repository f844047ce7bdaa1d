import { z } from "zod";
import { idSchema, timeSchema } from "./ids";
import { generationProblemSchema } from "./problem";

/**
 * What happened in a generation. The body is what the log stores; `seq` is given by Postgres when the
 * body is committed, rises by 1 and is never reused. A second `file:opened` of a path resets its text.
 */
export const generationEventBodySchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("queued") }),
  z.object({ type: z.literal("started"), attempt: z.number().int().min(1) }),
  z.object({ type: z.literal("progress"), percent: z.number().int().min(0).max(100), stage: z.string() }),
  z.object({ type: z.literal("file:opened"), path: z.string(), op: z.enum(["write"]) }),
  z.object({ type: z.literal("file:delta"), path: z.string(), text: z.string() }),
  z.object({
    type: z.literal("file:completed"),
    path: z.string(),
    bytes: z.number().int().min(0),
    sha256: z.string().length(64),
  }),
  z.object({ type: z.literal("log"), level: z.enum(["info", "warn", "error"]), message: z.string() }),
  z.object({ type: z.literal("completed"), files: z.number().int().min(0) }),
  z.object({ type: z.literal("failed"), problem: generationProblemSchema }),
  z.object({ type: z.literal("cancelled") }),
]);
export type GenerationEventBody = z.infer<typeof generationEventBodySchema>;

export const generationEventSchema = z
  .intersection(
    z.object({ generationId: idSchema, seq: z.number().int().min(1), at: timeSchema }),
    generationEventBodySchema,
  )
  .meta({ id: "GenerationEvent" });
export type GenerationEvent = z.infer<typeof generationEventSchema>;

/** The last event a generation has (of the run that ended it; `POST …/retry` starts it anew). */
export function isFinalEvent(event: { readonly type: GenerationEventBody["type"] }): boolean {
  return event.type === "completed" || event.type === "failed" || event.type === "cancelled";
}
