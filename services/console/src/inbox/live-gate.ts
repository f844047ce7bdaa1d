import type { Notification } from "@vibe-friend/contracts/notification";

/** Held at most while nobody knows what is new. */
const MAX_HELD = 100;

/** Tells what came while the page was open from what was unread before. */
export interface LiveGate {
  /** The newest of the list when the page was opened; only the first call counts. */
  open(newestSeq: number): void;
  accept(notification: Notification): void;
}

/** @param onNew called once for each that is newer than the list was when the page was opened */
export function createLiveGate(onNew: (notification: Notification) => void): LiveGate {
  let newest: number | undefined;
  let held: Notification[] = [];

  function pass(notification: Notification, known: number): void {
    if (notification.seq <= known) return;
    newest = notification.seq;
    onNew(notification);
  }

  return {
    open(newestSeq) {
      if (newest !== undefined) return;
      newest = newestSeq;
      for (const notification of held) pass(notification, newest);
      held = [];
    },
    accept(notification) {
      if (newest === undefined) held = [...held, notification].slice(-MAX_HELD);
      else pass(notification, newest);
    },
  };
}
