import {
  generationNewsSchema,
  generationTopic,
  type GenerationNews,
} from "@vibe-friend/contracts/bus-messages";
import type { GenerationEvent } from "@vibe-friend/contracts/generation-event";
import type { Follower } from "./log-follower";

/** The bus as the feed needs it; redis-kit's `Bus` fits. */
export interface GenerationNewsBus {
  subscribe(
    topic: string,
    schema: typeof generationNewsSchema,
    handler: (news: GenerationNews) => void,
  ): Promise<() => unknown>;
  /** Calls back when messages may have been lost. */
  onGap(listener: () => void): () => unknown;
}

export interface FeedLogger {
  debug(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
}

/** All followers of one generation share one bus subscription. */
export interface GenerationWatch {
  readonly followers: Set<Follower<GenerationEvent>>;
  /** Settles when the first try to join the topic has ended; never rejects. */
  readonly joined: Promise<void>;
  /** Tries again if joining the topic failed. */
  rejoin(): void;
  release(): void;
}

export function createGenerationWatch(
  generationId: string,
  { bus, logger }: { readonly bus: GenerationNewsBus; readonly logger: FeedLogger },
): GenerationWatch {
  const followers = new Set<Follower<GenerationEvent>>();
  let state: "joining" | "failed" | "joined" | "released" = "joining";
  let leave: (() => unknown) | undefined;

  function drop(undo: () => unknown): void {
    Promise.resolve()
      .then(undo)
      .catch((error: unknown) => {
        logger.debug("leaving a bus topic failed", { generationId, cause: String(error) });
      });
  }

  const isReleased = () => state === "released";

  async function join(): Promise<void> {
    try {
      const undo = await bus.subscribe(generationTopic(generationId), generationNewsSchema, (news) => {
        for (const follower of followers) follower.hear(news);
      });
      if (isReleased()) {
        drop(undo);
        return;
      }
      leave = undo;
      state = "joined";
      // What was published before the subscription stood was not heard.
      for (const follower of followers) follower.look();
    } catch (error) {
      if (isReleased()) return;
      state = "failed";
      logger.warn("joining a bus topic failed, polling meanwhile", { generationId, cause: String(error) });
    }
  }

  return {
    followers,
    joined: join(),
    rejoin() {
      if (state !== "failed") return;
      state = "joining";
      void join();
    },
    release() {
      state = "released";
      if (leave) drop(leave);
      leave = undefined;
    },
  };
}
