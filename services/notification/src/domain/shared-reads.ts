import type { Notification } from "@vibe-friend/contracts/notification";
import type { EventLog } from "@vibe-friend/service-kit/log-follower";
import type { InboxReads } from "./ports";

/** People asked about in one question. */
const MAX_POSITIONS = 1000;

interface Wish {
  readonly userId: string;
  readonly lastSeq: number;
  readonly resolve: (notifications: readonly Notification[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Many readers, one question at a time: who asks while one is on its way is in the next. An announcement to a
 * thousand sockets is a few questions, not a thousand.
 */
export function createSharedReads(
  readAfter: (positions: Parameters<InboxReads["readAfter"]>[0]) => ReturnType<InboxReads["readAfter"]>,
): EventLog<Notification> {
  let waiting: Wish[] = [];
  let reading = false;

  async function read(): Promise<void> {
    if (reading) return;
    reading = true;
    // Whoever asks in this same turn comes along.
    await Promise.resolve();
    while (waiting.length > 0) await answer(takeSome());
    reading = false;
  }

  /** Those of one place of one person share the answer; another place waits for the next question. */
  function takeSome(): readonly Wish[] {
    const places = new Map<string, number>();
    const taken: Wish[] = [];
    const left: Wish[] = [];
    for (const wish of waiting) {
      const place = places.get(wish.userId);
      const fits = place === undefined ? places.size < MAX_POSITIONS : place === wish.lastSeq;
      if (fits) places.set(wish.userId, wish.lastSeq);
      (fits ? taken : left).push(wish);
    }
    waiting = left;
    return taken;
  }

  async function answer(wishes: readonly Wish[]): Promise<void> {
    const places = new Map(wishes.map(({ userId, lastSeq }) => [userId, lastSeq]));
    try {
      const found = await readAfter([...places].map(([userId, lastSeq]) => ({ userId, lastSeq })));
      for (const { userId, resolve } of wishes) resolve(found.get(userId) ?? []);
    } catch (error) {
      for (const { reject } of wishes) reject(error);
    }
  }

  return {
    events: (userId, lastSeq) =>
      new Promise((resolve, reject) => {
        waiting.push({ userId, lastSeq, resolve, reject });
        void read();
      }),
  };
}
