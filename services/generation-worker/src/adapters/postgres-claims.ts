import { DatabaseUnavailable } from "@vibe-friend/database/errors";
import type { GenerationClaims } from "@vibe-friend/database/repositories/generation-claims";
import { StoreUnavailable } from "../domain/errors";
import type { ClaimStore } from "../domain/ports";

/** The rows in Postgres, with Postgres' absence in the worker's own words. */
export function createPostgresClaims(claims: GenerationClaims): ClaimStore {
  return {
    claim: (id) => translate(claims.claim(id)),
    claimNext: (options) => translate(claims.claimNext(options)),
    heartbeat: (holds) => translate(claims.heartbeat(holds)),
    appendEvents: (batches) => translate(claims.appendEvents(batches)),
    complete: (hold, { files, events, usage }) =>
      translate(claims.complete(hold, { files, events, usage: usage && { ...usage } })),
    readFile: (id, file) => translate(claims.readFile(id, file)),
    fail: (hold, failure) => translate(claims.fail(hold, failure)),
    handBack: (hold) => translate(claims.handBack(hold)),
    returnLost: (known) => translate(claims.returnLost(known)),
    sweep: () => translate(claims.sweep()),
  };
}

async function translate<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof DatabaseUnavailable) throw new StoreUnavailable({ cause: error });
    throw error;
  }
}
