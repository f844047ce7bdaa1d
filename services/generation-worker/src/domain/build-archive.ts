import { archiveName } from "@vibe-friend/contracts/archive-name";
import type { GenerationProblem } from "@vibe-friend/contracts/problem";
import type {
  ArchiveMetrics,
  ArchiveNews,
  ArchiveStore,
  BuildOutcome,
  ClaimedArchive,
} from "./archive-ports";
import { StoreUnavailable } from "./errors";
import { keepTrying } from "./keep-trying";
import { packFiles } from "./pack-files";
import type { MonotonicClock, WorkerLogger } from "./ports";
import { readPatiently } from "./read-patiently";

export interface BuildDependencies {
  readonly store: Pick<ArchiveStore, "listFiles" | "readFile" | "append" | "complete" | "fail" | "handBack">;
  readonly news: Pick<ArchiveNews, "queued" | "grew">;
  readonly metrics: ArchiveMetrics;
  readonly logger: WorkerLogger;
  readonly clock: MonotonicClock;
  /** Milliseconds a write is repeated while Postgres is away. */
  readonly storeAwayMs: number;
}

/** Why a build is stopped from outside. */
export type BuildStopReason = "fenced" | "handing-back";

export class BuildStopped extends Error {
  override readonly name = "BuildStopped";

  constructor(readonly reason: BuildStopReason) {
    super(`The build was stopped: ${reason}`);
  }
}

/** This process packs the same files into other bytes than one before it did. */
class OtherBytes extends Error {
  override readonly name = "OtherBytes";
}

/** Milliseconds between two pieces of news about one archive. */
const NEWS_MS = 50;
/** How long a stopping worker tries to give a build back. Milliseconds. */
const HAND_BACK_MS = 3000;

const problem: GenerationProblem = {
  code: "archive_failed",
  title: "The archive could not be built",
  detail: "Ask for it again; its files can be read one by one.",
};

/**
 * Packs a claimed archive into its row's parts, each readable as soon as it is stored. A part that a dead builder has
 * left is made again and compared: whoever reads goes on behind it. Postgres being away is waited out, then the lease
 * runs out. Never rejects.
 *
 * @param signal aborted with BuildStopped
 */
export function createBuildArchive(dependencies: BuildDependencies) {
  const { store, news, metrics, logger, clock, storeAwayMs } = dependencies;

  async function build(claimed: ClaimedArchive, signal: AbortSignal): Promise<void> {
    const patience = { forMs: storeAwayMs, signal };
    const { generationId } = claimed;
    const files = await keepTrying(() => store.listFiles(generationId), patience);
    let parts = 0;
    let toldAt = -Infinity;
    const zip = packFiles({
      folder: archiveName(claimed.prompt),
      modifiedAt: claimed.finishedAt,
      files,
      read: (file) => readPatiently(() => store.readFile(generationId, file), patience),
    });
    for await (const content of zip) {
      const answer = await keepTrying(() => store.append(claimed, parts, content), patience);
      if (answer === "fenced") throw new BuildStopped("fenced");
      if (answer === "differs") throw new OtherBytes(`part ${parts} was packed otherwise before`);
      parts += 1;
      metrics.stored(content.length);
      if (clock() - toldAt < NEWS_MS) continue;
      toldAt = clock();
      news.grew(generationId, parts);
    }
    if (parts < claimed.parts)
      throw new OtherBytes(`it had ${claimed.parts} parts before and has ${parts} now`);
    const isHeld = await keepTrying(() => store.complete(claimed), patience);
    if (!isHeld) throw new BuildStopped("fenced");
    news.grew(generationId, parts);
  }

  async function giveBack(claimed: ClaimedArchive): Promise<BuildOutcome> {
    const isBack = await keepTrying(() => store.handBack(claimed), { forMs: HAND_BACK_MS });
    if (!isBack) return "fenced";
    news.queued(claimed.generationId);
    return "handed-back";
  }

  async function giveUp(
    claimed: ClaimedArchive,
    { error, signal }: { error: unknown; signal: AbortSignal },
  ): Promise<BuildOutcome> {
    const { generationId, attempt } = claimed;
    logger.error("an archive could not be built", { generationId, attempt, cause: String(error) });
    const isHeld = await keepTrying(() => store.fail(claimed, problem), { forMs: storeAwayMs, signal });
    if (!isHeld) return "fenced";
    news.grew(generationId, claimed.parts);
    return "failed";
  }

  async function settle(claimed: ClaimedArchive, signal: AbortSignal): Promise<BuildOutcome> {
    try {
      await build(claimed, signal);
      return "ready";
    } catch (error) {
      const cause: unknown = signal.aborted ? signal.reason : error;
      if (cause instanceof BuildStopped) return cause.reason === "fenced" ? "fenced" : giveBack(claimed);
      if (cause instanceof StoreUnavailable) return "store-away";
      return giveUp(claimed, { error: cause, signal });
    }
  }

  return async function buildArchive(claimed: ClaimedArchive, signal: AbortSignal): Promise<BuildOutcome> {
    const startedAt = clock();
    const outcome = await settle(claimed, signal).catch((error: unknown): BuildOutcome => {
      logger.warn("a build could not be ended", { generationId: claimed.generationId, cause: String(error) });
      return "store-away";
    });
    metrics.ended(outcome, clock() - startedAt);
    logger.debug("a build ended", { generationId: claimed.generationId, outcome });
    return outcome;
  };
}

export type BuildArchive = ReturnType<typeof createBuildArchive>;
