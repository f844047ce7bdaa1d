import type { KnownClaims } from "./known-claims";
import type { ClaimStore, News, WorkerLogger } from "./ports";

export interface ReturnLostDependencies {
  readonly claims: Pick<ClaimStore, "returnLost">;
  readonly known: Pick<KnownClaims, "mayMissSome" | "all">;
  readonly news: Pick<News, "queued">;
  readonly logger: WorkerLogger;
}

/**
 * Gives back what this process has claimed without hearing so, which costs no attempt: attempts count runs
 * that failed and workers that died, and a dead one gives nothing back. Never rejects.
 */
export function createReturnLost({ claims, known, news, logger }: ReturnLostDependencies) {
  return async function returnLost(): Promise<void> {
    if (!known.mayMissSome()) return;
    try {
      for (const { id } of await claims.returnLost(known.all())) {
        logger.warn("a claim whose answer was lost goes back", { generationId: id });
        news.queued(id);
      }
    } catch (error) {
      logger.debug("lost claims couldn't be looked for", { cause: String(error) });
    }
  };
}

export type ReturnLost = ReturnType<typeof createReturnLost>;
