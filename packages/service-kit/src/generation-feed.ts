import type { GenerationEvent } from "@vibe-friend/contracts/generation-event";
import { createFollower, type EventLog, type Follower, type FollowListener } from "./log-follower";
import {
  createGenerationWatch,
  type FeedLogger,
  type GenerationNewsBus,
  type GenerationWatch,
} from "./generation-watch";

export interface FeedOptions {
  /** Reads a generation's events and where generations are; both in Postgres, the only truth. */
  readonly log: EventLog<GenerationEvent> & {
    positions(
      generationIds: readonly string[],
    ): Promise<readonly { readonly id: string; readonly lastSeq: number }[]>;
  };
  readonly bus: GenerationNewsBus;
  readonly logger: FeedLogger;
  /** Milliseconds between looks at the positions of everything followed: finds what the bus lost. Default 1000. */
  readonly pollMs?: number;
  /** Events read at once; bounds the memory of a slow follower. Default 200. */
  readonly pageSize?: number;
}

export interface GenerationFeed {
  /**
   * Hands every event after `after` to the listener, once and in order: history first, then live. Resolves
   * once the live side stands, or after `pollMs` if it doesn't: delivery doesn't depend on it.
   */
  follow(
    position: { readonly generationId: string; readonly after: number },
    listener: FollowListener<GenerationEvent>,
  ): Promise<{ close(): void }>;
  /** Generations followed and followers, for metrics. */
  size(): { readonly generations: number; readonly followers: number };
  close(): void;
}

/**
 * History then live, without gap or duplicate, over a log that is the truth and a bus that may lose,
 * repeat or reorder. One per process: one bus subscription per generation, one poll for all of them.
 */
export function createGenerationFeed(options: FeedOptions): GenerationFeed {
  const { log, bus, logger, pollMs = 1000, pageSize = 200 } = options;
  const watches = new Map<string, GenerationWatch>();
  let poll: NodeJS.Timeout | undefined;
  let polling = false;
  let pollAgain = false;
  let failing = false;

  const stopGapWatch = bus.onGap(() => {
    void catchUp();
  });

  /** One question for all watched generations; whoever is behind reads on. */
  async function catchUp(): Promise<void> {
    pollAgain = true;
    if (polling) return;
    polling = true;
    try {
      while (hasMore()) {
        pollAgain = false;
        for (const { id, lastSeq } of await log.positions([...watches.keys()])) {
          for (const follower of watches.get(id)?.followers ?? []) follower.aim(lastSeq);
        }
      }
      failing = false;
    } catch (error) {
      if (!failing) logger.warn("reading positions failed, trying again", { cause: String(error) });
      failing = true;
    } finally {
      polling = false;
    }
  }

  const hasMore = () => pollAgain && watches.size > 0;

  function look(): void {
    for (const watch of watches.values()) watch.rejoin();
    void catchUp();
  }

  function leave(generationId: string, follower: Follower<GenerationEvent>): void {
    follower.close();
    const watch = watches.get(generationId);
    if (!watch?.followers.delete(follower) || watch.followers.size > 0) return;
    watches.delete(generationId);
    watch.release();
    if (watches.size > 0) return;
    clearInterval(poll);
    poll = undefined;
  }

  return {
    async follow({ generationId, after }, listener) {
      const watch = watches.get(generationId) ?? createGenerationWatch(generationId, { bus, logger });
      watches.set(generationId, watch);
      poll ??= setInterval(look, pollMs).unref();
      const follower = createFollower({
        id: generationId,
        after,
        listener,
        log,
        pageSize,
        retryMs: Math.max(1, Math.floor(pollMs / 4)),
        onBroken: (error) => {
          logger.warn("a listener failed and is left behind", { generationId, cause: String(error) });
          leave(generationId, follower);
        },
      });
      watch.followers.add(follower);
      await settledWithin(watch.joined, pollMs);
      follower.look();
      return {
        close: () => {
          leave(generationId, follower);
        },
      };
    },
    size() {
      let followers = 0;
      for (const watch of watches.values()) followers += watch.followers.size;
      return { generations: watches.size, followers };
    },
    close() {
      stopGapWatch();
      for (const [generationId, watch] of watches) {
        for (const follower of [...watch.followers]) leave(generationId, follower);
      }
    },
  };
}

async function settledWithin(promise: Promise<void>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([promise, timeout]);
  clearTimeout(timer);
}
