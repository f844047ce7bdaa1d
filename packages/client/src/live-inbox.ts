import { notificationSchema, type Notification } from "@vibe-friend/contracts/notification";
import { parseAnswer } from "./loose-answer";

/** Remembered for listeners that come after the connection was made. */
const MAX_REMEMBERED = 100;

/** The person's inbox as the shared socket brings it. */
export interface LiveInbox {
  /** What came over the socket. At every connect the server says again what is unread: known ones are dropped. */
  readonly accept: (received: unknown) => void;
  /** Hands over what has come already, then what comes. @returns what ends it */
  subscribe(listener: (notification: Notification) => void): () => void;
  isHeard(): boolean;
  /** Somebody else signed in. */
  reset(): void;
}

export function createLiveInbox(): LiveInbox {
  const listeners = new Set<(notification: Notification) => void>();
  let remembered: Notification[] = [];

  function parse(received: unknown): Notification | undefined {
    try {
      return parseAnswer(notificationSchema, received);
    } catch {
      return undefined;
    }
  }

  return {
    accept(received) {
      const notification = parse(received);
      if (notification === undefined || notification.seq <= (remembered.at(-1)?.seq ?? 0)) return;
      remembered = [...remembered, notification].slice(-MAX_REMEMBERED);
      for (const listener of [...listeners]) listener(notification);
    },
    subscribe(listener) {
      // Its own function, so that subscribing one listener twice is two subscriptions.
      const own = (notification: Notification) => {
        listener(notification);
      };
      for (const notification of remembered) own(notification);
      listeners.add(own);
      return () => listeners.delete(own);
    },
    isHeard: () => listeners.size > 0,
    reset() {
      remembered = [];
    },
  };
}
