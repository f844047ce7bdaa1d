import { RunStopped } from "./errors";
import type { ClaimedGeneration, StopReason } from "./ports";

/** One run of this process. */
export interface Run {
  readonly claimed: ClaimedGeneration;
  /** Aborted with a RunStopped. */
  readonly signal: AbortSignal;
  /** The first reason counts. */
  stop(reason: StopReason, cause?: unknown): void;
}

/** What this process runs right now. */
export interface RunningGenerations {
  start(claimed: ClaimedGeneration): Run;
  end(run: Run): void;
  all(): readonly Run[];
  find(generationId: string): Run | undefined;
}

export function createRunningGenerations(): RunningGenerations {
  const runs = new Set<Run>();
  return {
    start(claimed) {
      const controller = new AbortController();
      const run: Run = {
        claimed,
        signal: controller.signal,
        stop: (reason, cause) => {
          if (!controller.signal.aborted) controller.abort(new RunStopped(reason, { cause }));
        },
      };
      runs.add(run);
      return run;
    },
    end(run) {
      runs.delete(run);
    },
    all: () => [...runs],
    find: (generationId) => [...runs].find((run) => run.claimed.id === generationId),
  };
}

/** Why a run was stopped; undefined while nobody has stopped it. */
export function findStopReason(signal: AbortSignal): StopReason | undefined {
  return signal.reason instanceof RunStopped ? signal.reason.reason : undefined;
}
