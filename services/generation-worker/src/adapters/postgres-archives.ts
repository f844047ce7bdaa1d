import { DatabaseUnavailable } from "@vibe-friend/database/errors";
import type { ArchiveClaims } from "@vibe-friend/database/repositories/archive-claims";
import type { ArchiveStore } from "../domain/archive-ports";
import { StoreUnavailable } from "../domain/errors";

/** The archives' rows in Postgres, with Postgres' absence in the worker's own words. */
export function createPostgresArchives(claims: ArchiveClaims): ArchiveStore {
  return {
    claim: (generationId) => translate(claims.claim(generationId)),
    claimNext: () => translate(claims.claimNext()),
    heartbeat: (holds) => translate(claims.heartbeat(holds)),
    listFiles: (generationId) => translate(claims.listFiles(generationId)),
    async *readFile(generationId, file) {
      try {
        yield* claims.readFile(generationId, file);
      } catch (error) {
        throw inOwnWords(error);
      }
    },
    append: (hold, part, content) => translate(claims.append(hold, part, content)),
    complete: (hold) => translate(claims.complete(hold)),
    fail: (hold, problem) => translate(claims.fail(hold, problem)),
    handBack: (hold) => translate(claims.handBack(hold)),
    sweep: () => translate(claims.sweep()),
    removeUnused: (unusedMs, limit) => translate(claims.removeUnused(unusedMs, limit)),
  };
}

async function translate<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw inOwnWords(error);
  }
}

function inOwnWords(error: unknown): unknown {
  return error instanceof DatabaseUnavailable ? new StoreUnavailable({ cause: error }) : error;
}
