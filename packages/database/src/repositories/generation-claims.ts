import type { Database } from "../data-source";
import { appendEvents } from "./append-events";
import { claimGeneration } from "./claim-generation";
import type { ClaimOptions, GenerationClaims } from "./claim-records";
import { completeRun, failRun, handBackRun } from "./end-run";
import { readWholeFile } from "./file-contents";
import { renewLeases, returnLostClaims } from "./renew-leases";
import { sweepRuns } from "./sweep-runs";

export type {
  AppendResult,
  ClaimedGeneration,
  ClaimOptions,
  Completion,
  EventBatch,
  FailResult,
  Failure,
  GenerationClaims,
  GenerationHold,
  ResultFile,
  StoredFile,
  SweepResult,
  WrittenBatch,
} from "./claim-records";

/** Claims in Postgres. */
export function createGenerationClaims(database: Database, options: ClaimOptions): GenerationClaims {
  return {
    claim: (id) => claimGeneration(database, options, { id }),
    claimNext: (which) => claimGeneration(database, options, which),
    heartbeat: (holds) => renewLeases(database, options.leaseMs, holds),
    appendEvents: (batches) => appendEvents(database, batches),
    complete: (hold, completion) => completeRun(database, hold, completion),
    readFile: (id, file) => readWholeFile(database, id, file),
    fail: (hold, failure) => failRun(database, hold, { ...failure, maxAttempts: options.maxAttempts }),
    handBack: (hold) => handBackRun(database, hold),
    returnLost: (known) => returnLostClaims(database, options, known),
    async sweep() {
      // Whoever couldn't reach Postgres couldn't renew either: give them one lease period to do so.
      const regainedMsAgo = database.regainedMsAgo();
      if (regainedMsAgo !== undefined && regainedMsAgo < options.leaseMs) return { requeued: [], failed: [] };
      // One loss after the other, each too short for that, keeps everybody from renewing too.
      const lostMsAgo = database.lostMsAgo();
      const graceMs = lostMsAgo !== undefined && lostMsAgo < options.leaseMs ? options.leaseMs : 0;
      return sweepRuns(database, { ...options, graceMs, askedAt: () => database.now() });
    },
  };
}
