import type { EngineName, Generation, GenerationStatus } from "@vibe-friend/contracts/generation";
import type { GenerationEvent, GenerationEventBody } from "@vibe-friend/contracts/generation-event";
import type { GenerationProblem } from "@vibe-friend/contracts/problem";

/** The columns of a generation that its owner sees, as pg returns them. */
export interface GenerationRow {
  readonly id: string;
  readonly user_id: string;
  readonly prompt: string;
  readonly engine: EngineName;
  readonly model: string | null;
  readonly status: GenerationStatus;
  readonly progress: number;
  readonly attempt: number;
  readonly priority: number;
  readonly error: GenerationProblem | null;
  readonly files_count: number;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  readonly last_seq: number;
}

/** For `select` and `returning`; `alias` is the table's name in the statement. */
export function generationColumns(alias: string): string {
  const columns =
    "id user_id prompt engine model status progress attempt priority error files_count created_at started_at finished_at last_seq";
  return columns
    .split(" ")
    .map((column) => `${alias}.${column}`)
    .join(", ");
}

export function toGeneration(row: GenerationRow): Generation {
  return {
    id: row.id,
    userId: row.user_id,
    prompt: row.prompt,
    engine: row.engine,
    model: row.model,
    status: row.status,
    progress: row.progress,
    attempt: row.attempt,
    priority: row.priority,
    error: row.error,
    filesCount: row.files_count,
    createdAt: row.created_at.toISOString(),
    startedAt: row.started_at?.toISOString() ?? null,
    finishedAt: row.finished_at?.toISOString() ?? null,
    lastSeq: row.last_seq,
  };
}

/** A stored batch, by the first seq that it holds. */
export interface StoredBatch {
  readonly generationId: string;
  readonly seqFrom: number;
  readonly at: Date;
  readonly events: readonly GenerationEventBody[];
}

/** Gives each event of a batch its seq and the batch's time. */
export function toEvents(batch: StoredBatch): GenerationEvent[] {
  const at = batch.at.toISOString();
  return batch.events.map((event, index) => ({
    generationId: batch.generationId,
    seq: batch.seqFrom + index,
    at,
    ...event,
  }));
}
