import type { generationJobs } from "@vibe-friend/contracts/jobs";
import type { z } from "zod";
import type { TakeGenerations } from "../domain/take-generations";

type GenerateJob = z.output<(typeof generationJobs)["generate"]>;

/** The jobs of the queue `generation`. */
export function createGenerationHandlers(take: TakeGenerations) {
  return {
    generate: ({ generationId }: GenerateJob, { signal }: { readonly signal: AbortSignal }) =>
      take.deliver(generationId, signal),
  };
}
