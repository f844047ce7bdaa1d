import type { GenerationStatus } from "@vibe-friend/contracts/generation";
import type { GenerationEvent } from "@vibe-friend/contracts/generation-event";
import type { Deliver } from "./deliver";
import { Refused } from "./errors";
import type { Feed, Generations, NotificationLogger, Person } from "./ports";

/** Generations that one socket may follow at once. */
export const MAX_SUBSCRIPTIONS = 50;

export interface Position {
  readonly status: GenerationStatus;
  readonly lastSeq: number;
}

/** What one socket follows. */
export interface Subscriptions {
  /**
   * Starts to follow, anew if it was followed already. The answer is given to `acknowledge` before the first
   * event goes out.
   *
   * @throws {Refused} `not_found` for an unknown and for a foreign id alike, `quota_exceeded`, `unavailable`
   */
  follow(
    request: { readonly id: string; readonly after: number },
    acknowledge: (position: Position) => void,
  ): Promise<void>;
  unfollow(generationId: string): void;
  size(): number;
  close(): void;
}

export interface FollowDependencies {
  readonly generations: Generations;
  readonly feed: Feed;
  readonly logger: NotificationLogger;
}

/** The use case behind `generation:subscribe`: whose it is is asked in SQL at every call. */
export function createFollowGeneration({ generations, feed, logger }: FollowDependencies) {
  async function findOwn(person: Person, generationId: string): Promise<Position> {
    const position = await generations.findPosition(person.userId, generationId).catch((error: unknown) => {
      throw new Refused("unavailable", "Generations can't be read right now.", { cause: error });
    });
    if (!position) throw new Refused("not_found");
    return { status: position.status, lastSeq: position.lastSeq };
  }

  return function openSubscriptions(person: Person, deliver: Deliver<GenerationEvent>): Subscriptions {
    /** By generation; a later subscription of the same one replaces its token, and the earlier one ends. */
    const open = new Map<string, { close?: () => void }>();
    let closed = false;

    function unfollow(generationId: string): void {
      open.get(generationId)?.close?.();
      open.delete(generationId);
    }

    return {
      async follow({ id, after }, acknowledge) {
        if (!open.has(id) && open.size >= MAX_SUBSCRIPTIONS) {
          throw new Refused(
            "quota_exceeded",
            `A connection may follow ${MAX_SUBSCRIPTIONS} generations at once.`,
          );
        }
        unfollow(id);
        const entry: { close?: () => void } = {};
        open.set(id, entry);
        const isCurrent = () => !closed && open.get(id) === entry;
        try {
          const position = await findOwn(person, id);
          acknowledge(position);
          if (!isCurrent()) return;
          const following = await feed.follow(
            { generationId: id, after },
            { onEvents: (events) => deliver(events, isCurrent) },
          );
          if (!isCurrent()) following.close();
          entry.close = () => {
            following.close();
          };
        } catch (error) {
          if (open.get(id) === entry) open.delete(id);
          if (!(error instanceof Refused)) logger.error("following failed", { generationId: id, error });
          throw error;
        }
      },
      unfollow,
      size: () => open.size,
      close() {
        closed = true;
        for (const id of [...open.keys()]) unfollow(id);
      },
    };
  };
}

export type OpenSubscriptions = ReturnType<typeof createFollowGeneration>;
