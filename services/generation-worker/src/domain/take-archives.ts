import type { ArchiveStore, ClaimedArchive } from "./archive-ports";
import { BuildStopped, type BuildArchive } from "./build-archive";
import type { WorkerLogger } from "./ports";
import type { Slots } from "./slots";

export interface TakeArchivesDependencies {
  readonly store: Pick<ArchiveStore, "claim" | "claimNext" | "heartbeat">;
  readonly buildArchive: BuildArchive;
  /** its own, so that archives never take a generation's */
  readonly slots: Slots;
  readonly logger: WorkerLogger;
}

/** How archives get into this process. The row decides who builds; what can't be claimed is dropped. Nothing rejects. */
export interface TakeArchives {
  /** A delivery of the queue: waits for a slot, claims, builds. */
  deliver(generationId: string, signal: AbortSignal): Promise<void>;
  /** Claims waiting rows until the slots are full or nothing waits: what the queue brings late, or not at all. */
  lookForRows(): Promise<void>;
  /** Renews the leases of all builds in one statement, and stops those that aren't held any more. */
  keepLeases(): Promise<void>;
  /** Takes nothing more, hands every build back and waits for that. */
  stop(): Promise<void>;
}

export function createTakeArchives(dependencies: TakeArchivesDependencies): TakeArchives {
  const { store, buildArchive, slots, logger } = dependencies;
  const stopping = new AbortController();
  const builds = new Map<ClaimedArchive, AbortController>();
  const takings = new Set<Promise<unknown>>();

  async function build(claimed: ClaimedArchive): Promise<void> {
    const controller = new AbortController();
    builds.set(claimed, controller);
    // Claimed while the stop began: it goes back at once.
    if (stopping.signal.aborted) controller.abort(new BuildStopped("handing-back"));
    await buildArchive(claimed, controller.signal);
    builds.delete(claimed);
  }

  /** @returns what was claimed, and the end of its build */
  function take(claim: () => Promise<ClaimedArchive | undefined>, release: () => void) {
    const claiming = claim().catch((error: unknown) => {
      logger.debug("looking for archives failed", { cause: String(error) });
      return undefined;
    });
    const ended = claiming.then((claimed) => claimed && build(claimed)).finally(release);
    takings.add(ended);
    void ended.finally(() => takings.delete(ended));
    return { claiming, ended };
  }

  async function lookForRows(): Promise<void> {
    for (;;) {
      const release = stopping.signal.aborted ? undefined : slots.tryTake();
      if (release === undefined) return;
      const { claiming, ended } = take(() => store.claimNext(), release);
      if ((await claiming) === undefined) return;
      void ended.then(lookForRows);
    }
  }

  return {
    async deliver(generationId, signal) {
      const release = await slots.take(AbortSignal.any([signal, stopping.signal])).catch(() => undefined);
      if (release === undefined) return;
      await take(() => store.claim(generationId), release).ended;
    },
    lookForRows,
    async keepLeases() {
      const held = [...builds.keys()];
      if (held.length === 0) return;
      try {
        const still = await store.heartbeat(held);
        const tokens = new Map(still.map((hold) => [hold.generationId, hold.claimToken]));
        for (const claimed of held) {
          const isHeld = tokens.get(claimed.generationId) === claimed.claimToken;
          if (!isHeld) builds.get(claimed)?.abort(new BuildStopped("fenced"));
        }
      } catch (error) {
        // The lease outlives two lost beats; what happens after that is fenced.
        logger.warn("a heartbeat of archives failed", { builds: held.length, cause: String(error) });
      }
    },
    async stop() {
      stopping.abort();
      for (const controller of builds.values()) controller.abort(new BuildStopped("handing-back"));
      await Promise.allSettled(takings);
    },
  };
}
