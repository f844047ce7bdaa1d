import { z } from "zod";

/**
 * Every error the product answers with, its HTTP status and title (RFC 9457). The only table of its kind:
 * services throw a code, the border turns it into a status here.
 */
export const problems = {
  invalid_request: { status: 400, title: "The request is not valid" },
  malformed_json: { status: 400, title: "The body is not valid JSON" },
  invalid_path: { status: 400, title: "The path is not valid" },
  unauthenticated: { status: 401, title: "Sign in first" },
  invalid_credentials: { status: 401, title: "E-mail or password is wrong" },
  invalid_link: { status: 401, title: "This link was used already or is too old" },
  csrf_failed: { status: 403, title: "The request didn't prove that it comes from this site" },
  forbidden: { status: 403, title: "You may not do this" },
  registration_closed: { status: 403, title: "Registration is closed" },
  not_found: { status: 404, title: "There is no such thing" },
  method_not_allowed: { status: 405, title: "The method is not allowed here" },
  email_taken: { status: 409, title: "This e-mail address has an account" },
  idempotency_conflict: { status: 409, title: "This Idempotency-Key was used with another request" },
  wrong_state: { status: 409, title: "The generation is not in a state that allows this" },
  redis_refused: { status: 409, title: "Redis can't do this now" },
  payload_too_large: { status: 413, title: "The request is too large" },
  unsupported_media_type: { status: 415, title: "Send application/json" },
  quota_exceeded: { status: 429, title: "A limit is reached" },
  rate_limited: { status: 429, title: "Too many requests" },
  archive_failed: { status: 500, title: "The archive could not be built" },
  internal: { status: 500, title: "Something went wrong on our side" },
  unavailable: { status: 503, title: "A part that this needs is down" },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof problems;

/** One fault of the input: where, and what is wrong. */
export const inputErrorSchema = z.strictObject({ path: z.string(), message: z.string() });
export type InputError = z.infer<typeof inputErrorSchema>;

/** `application/problem+json` (RFC 9457). */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string().optional(),
    instance: z.string().optional(),
    code: z.string(),
    requestId: z.string().optional(),
    errors: z.array(inputErrorSchema).optional(),
  })
  .meta({ id: "Problem", description: "RFC 9457 problem details" });
export type Problem = z.infer<typeof problemSchema>;

/** Why a generation failed, as kept with it and shown to its owner. */
export const generationProblemSchema = z
  .strictObject({ code: z.string(), title: z.string(), detail: z.string().optional() })
  .meta({ id: "GenerationProblem" });
export type GenerationProblem = z.infer<typeof generationProblemSchema>;
