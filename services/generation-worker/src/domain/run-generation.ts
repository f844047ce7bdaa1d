import { createEndRun, type EndRunDependencies, type StartedRun } from "./end-run";
import { describeMissingEngine } from "./engine-problem";
import type { CompletedFile, EngineRequest, GenerationEngine } from "./generation-engine";
import { keepTrying } from "./keep-trying";
import type { ClaimedGeneration, ClaimStore, Completion, Engines, RunOutcome } from "./ports";
import { readUntilStopped } from "./read-until-stopped";
import { findStopReason, type Run, type RunningGenerations } from "./running-generations";
import { createTranscript } from "./transcript";
import type { EventWriter } from "./write-events";

export interface RunDependencies extends EndRunDependencies {
  readonly claims: EndRunDependencies["claims"] & Pick<ClaimStore, "readFile">;
  readonly engines: Engines;
  readonly writer: EventWriter;
  readonly running: RunningGenerations;
}

/**
 * Runs a claimed generation to its end: `started`, what the engine says with each file saved as it closes, then
 * status and final event in one transaction. It goes on after the files that earlier runs completed. Every write
 * is fenced, so a run that lost its row changes nothing. A worker that stops hands the row back; one that can't
 * reach the store for too long lets the lease run out.
 *
 * Never rejects: what can go wrong ends the generation or leaves it to the next worker.
 */
export function createRunGeneration(dependencies: RunDependencies) {
  const { claims, engines, writer, running, metrics, logger, times } = dependencies;
  const endRun = createEndRun(dependencies);

  async function generate(started: StartedRun): Promise<RunOutcome> {
    const { run, lane } = started;
    const { attempt, engine: name } = run.claimed;
    lane.append({ body: { type: "started", attempt } });
    const engine = engines.find(name);
    if (!engine) return endRun.fail(started, describeMissingEngine(name));
    return endRun.complete(started, await listen(started, engine));
  }

  async function listen({ run, lane }: StartedRun, engine: GenerationEngine): Promise<Completion> {
    const { claimed, signal } = run;
    const transcript = createTranscript(claimed.completedFiles);
    const silence = createAlarm(times.idleMs, () => {
      run.stop("idle");
    });
    try {
      silence.start();
      for await (const event of readUntilStopped(engine.generate(toRequest(run), signal), signal)) {
        // While the store holds it back, the engine isn't silent.
        silence.stop();
        for (const said of transcript.take(event)) lane.append(said);
        await lane.room();
        silence.start();
      }
      return { files: transcript.finish(), events: [], usage: transcript.usage() ?? null };
    } finally {
      silence.stop();
      const usage = transcript.usage();
      if (usage) metrics.used(claimed.engine, usage);
    }
  }

  function toRequest({ claimed, signal }: Run): EngineRequest {
    const { id: generationId, prompt, attempt } = claimed;
    const completedFiles = claimed.completedFiles.map((file): CompletedFile => ({
      ...file,
      readContent: () =>
        keepTrying(() => claims.readFile(generationId, file), { forMs: times.storeAwayMs, signal }),
    }));
    return { generationId, prompt, attempt, model: claimed.model ?? undefined, completedFiles };
  }

  return async function runGeneration(claimed: ClaimedGeneration): Promise<RunOutcome> {
    const run = running.start(claimed);
    const lane = writer.open(run);
    const started = { run, lane, startedAt: performance.now() };
    const limit = createAlarm(times.runMs, () => {
      run.stop("too-long");
    });
    limit.start();
    let outcome: RunOutcome = "failed";
    try {
      outcome = await generate(started).catch((error: unknown) => endRun.endBadly(started, error));
    } catch (error) {
      // The row is left to the sweep.
      outcome = findStopReason(run.signal) ?? "store-away";
      logger.warn("a run couldn't be ended", { generationId: claimed.id, cause: String(error) });
    } finally {
      limit.stop();
      running.end(run);
      lane.close();
    }
    metrics.ended(outcome, claimed.engine);
    logger.info("run ended", { generationId: claimed.id, attempt: claimed.attempt, outcome });
    return outcome;
  };
}

export type RunGeneration = ReturnType<typeof createRunGeneration>;

/** How late a timer may be before this process must have stood still. Milliseconds. */
const STALL_MS = 1000;

/**
 * Rings once, this long after its last start, unless it is stopped. A process that stood still heard nobody, so what
 * rings much too late is set once more.
 */
function createAlarm(afterMs: number, ring: () => void) {
  let timer: NodeJS.Timeout | undefined;
  const stop = () => {
    clearTimeout(timer);
  };
  function set(): void {
    stop();
    const dueAt = performance.now() + afterMs;
    timer = setTimeout(() => {
      if (performance.now() - dueAt > STALL_MS) set();
      else ring();
    }, afterMs);
  }
  return {
    start: set,
    stop,
  };
}
