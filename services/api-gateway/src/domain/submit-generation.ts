import { createHash } from "node:crypto";
import type { EngineName, Generation, SubmitBody } from "@vibe-friend/contracts/generation";
import { ProblemError } from "@vibe-friend/service-kit/problem-error";
import type { HandOver } from "./hand-over";
import type { TakeTurn } from "./take-turns";
import type { GenerationLimits, GenerationStore } from "./ports";

export interface SubmitDependencies {
  readonly store: Pick<GenerationStore, "submit">;
  readonly handOver: HandOver;
  readonly limits: GenerationLimits;
  /** @throws unavailable: too many wait already, over all people */
  readonly takeQueueRoom: () => Promise<void>;
  readonly takeTurn: TakeTurn;
  /** is a language model set up? Then it is the default engine */
  readonly hasLlm: boolean;
}

export interface Submission {
  readonly userId: string;
  readonly body: SubmitBody;
  readonly mode: "async" | "sync";
  readonly idempotencyKey: string | undefined;
}

/**
 * Accepts a prompt. The row is committed before anything else, so a crash leaves a visible `queued` row,
 * never a job without one. Asked again with the same key, it answers with the same generation.
 *
 * @throws quota_exceeded: the owner has as many open as allowed, nothing is stored
 * @throws idempotency_conflict: the key was used with another request
 * @throws unavailable, rate_limited: there is no room for more, in the queue or for this person here
 */
export function createSubmitGeneration(dependencies: SubmitDependencies) {
  const { store, handOver, takeQueueRoom, takeTurn, limits, hasLlm } = dependencies;
  return async function submitGeneration(submission: Submission): Promise<Generation> {
    const { userId, body, mode, idempotencyKey } = submission;
    const row = {
      userId,
      prompt: body.prompt,
      engine: chooseEngine(body.engine, hasLlm),
      model: body.model ?? null,
      priority: body.priority,
      mode,
      ...limits,
      ...(idempotencyKey === undefined
        ? {}
        : { idempotency: { key: idempotencyKey, hash: hashRequest(body) } }),
    };
    const { generation, created } = await takeTurn(userId, async () => {
      // Not before its turn: what waits here isn't counted there.
      await takeQueueRoom();
      return store.submit(row);
    });
    if (created) handOver.start(generation);
    return generation;
  };
}

function chooseEngine(asked: EngineName | undefined, hasLlm: boolean): EngineName {
  if (asked === "llm" && !hasLlm) {
    const message = "is not set up here (LLM_BASE_URL)";
    throw new ProblemError("invalid_request", { errors: [{ path: "engine", message }] });
  }
  return asked ?? (hasLlm ? "llm" : "builtin");
}

/** Stands for what was asked, in whatever order its fields came. */
function hashRequest(body: SubmitBody): string {
  const fields = [body.prompt, body.engine, body.model, body.priority, body.mode];
  return createHash("sha256")
    .update(JSON.stringify(fields.map((field) => field ?? null)))
    .digest("hex");
}
