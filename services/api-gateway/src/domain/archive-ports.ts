import type { GenerationProblem } from "@vibe-friend/contracts/problem";
import type { HandOver } from "./hand-over";

/** How far a generation's zip is. */
export interface ArchiveState {
  readonly generationId: string;
  /** Parts of one build fit together, whoever made them. */
  readonly build: string;
  readonly status: "queued" | "building" | "ready" | "failed";
  /** that can be read, from 0 */
  readonly parts: number;
  /** of the whole zip once it is ready */
  readonly bytes: number;
  readonly error: GenerationProblem | null;
}

export interface ArchiveSource {
  readonly prompt: string;
  readonly finishedAt: Date;
  readonly archive: ArchiveState | undefined;
}

/** The rows of archives. What takes a `userId` finds that user's own; a foreign id is `not_found`. */
export interface ArchiveStore {
  /** Builds nothing. @throws not_found, wrong_state */
  describe(userId: string, generationId: string): Promise<ArchiveSource>;
  /** Sees to it that it is built. @throws not_found, wrong_state */
  request(userId: string, generationId: string): Promise<ArchiveState>;
  /** @returns undefined: this build is gone */
  readPart(
    archive: ArchiveState,
    part: number,
  ): Promise<(ArchiveState & { readonly content: Buffer | null }) | undefined>;
}

/** Never rejects, may be lost. */
export interface ArchiveNews {
  queued(generationId: string): Promise<void>;
  /** Calls back when more of it can be read, or it has ended. @returns a function that stops listening */
  onGrowth(generationId: string, listener: () => void): () => void;
}

/** An archive's job: the generation it belongs to, and which build of its archive. */
export interface ArchiveJob {
  readonly id: string;
  readonly build: string;
}

/** What downloads of archives are made with. */
export interface Archives {
  readonly store: ArchiveStore;
  readonly news: Pick<ArchiveNews, "onGrowth">;
  readonly handOver: HandOver<ArchiveJob>;
}
