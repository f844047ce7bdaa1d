import { z } from "zod";
import { idSchema, pageOf, pageQuerySchema, timeSchema } from "./ids";
import { generationProblemSchema } from "./problem";

export const generationStatuses = ["queued", "running", "completed", "failed", "cancelled"] as const;
export const generationStatusSchema = z.enum(generationStatuses).meta({ id: "GenerationStatus" });
export type GenerationStatus = z.infer<typeof generationStatusSchema>;

/** A generation that will never change again. */
export function isEnded(status: GenerationStatus): boolean {
  return status === "completed" || status === "failed" || status === "cancelled";
}

export const engineNames = ["builtin", "llm"] as const;
export const engineNameSchema = z.enum(engineNames).meta({ id: "EngineName" });
export type EngineName = z.infer<typeof engineNameSchema>;

/** Characters in a prompt. */
export const MAX_PROMPT_LENGTH = 32_000;

export const submitBodySchema = z
  .strictObject({
    prompt: z
      .string()
      .max(MAX_PROMPT_LENGTH, { error: `must have at most ${MAX_PROMPT_LENGTH} characters` })
      .refine((prompt) => prompt.trim().length > 0, { error: "must not be empty" })
      .refine((prompt) => !prompt.includes("\u0000"), { error: "must not contain NUL" }),
    engine: engineNameSchema.optional(),
    model: z
      .string()
      .min(1)
      .max(200)
      .regex(/^[\w./:@+-]+$/, { error: "must be a model's name" })
      .optional(),
    priority: z.number().int().min(1).max(10).default(5).meta({ description: "1 is first" }),
    mode: z.enum(["async", "sync"]).optional(),
  })
  .meta({ id: "SubmitGenerationBody" });
export type SubmitBody = z.infer<typeof submitBodySchema>;

/** RFC draft-ietf-httpapi-idempotency-key-header: visible ASCII. */
export const idempotencyKeySchema = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[\x21-\x7e]+$/, { error: "must be 1 to 200 visible ASCII characters" });

export const generationSchema = z
  .strictObject({
    id: idSchema,
    userId: idSchema,
    prompt: z.string(),
    engine: engineNameSchema,
    model: z.string().nullable(),
    status: generationStatusSchema,
    progress: z.number().int().min(0).max(100),
    attempt: z.number().int().min(0),
    priority: z.number().int().min(1).max(10),
    error: generationProblemSchema.nullable(),
    filesCount: z.number().int().min(0).meta({
      description:
        "what it has left since it ended; a failed or cancelled one counts what it kept, partial files too",
    }),
    createdAt: timeSchema,
    startedAt: timeSchema.nullable(),
    finishedAt: timeSchema.nullable(),
    lastSeq: z.number().int().min(0),
  })
  .meta({ id: "Generation" });
export type Generation = z.infer<typeof generationSchema>;

export const generationResultSchema = z
  .strictObject({ generation: generationSchema })
  .meta({ id: "GenerationResult" });

export const listGenerationsQuerySchema = pageQuerySchema.extend({
  status: generationStatusSchema.optional(),
  q: z.string().trim().max(200).optional(),
});
export type ListGenerationsQuery = z.infer<typeof listGenerationsQuerySchema>;

export const generationPageSchema = pageOf(generationSchema).meta({ id: "GenerationPage" });
export type GenerationPage = z.infer<typeof generationPageSchema>;

export const generationFileSchema = z
  .strictObject({
    path: z.string(),
    bytes: z.number().int().min(0),
    sha256: z.string().length(64),
    partial: z.boolean().meta({ description: "Left in its middle by a run that was cancelled or failed" }),
  })
  .meta({ id: "GenerationFile" });
export type GenerationFile = z.infer<typeof generationFileSchema>;

export const generationFilesSchema = pageOf(generationFileSchema).meta({ id: "GenerationFiles" });
export type GenerationFiles = z.infer<typeof generationFilesSchema>;
