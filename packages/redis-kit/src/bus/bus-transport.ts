import type { Unsubscribe } from "../degradation/health";

export type { Unsubscribe } from "../degradation/health";

/** A second way for news, without Redis (LISTEN/NOTIFY in vibe-friend). Messages are JSON values. */
export interface BusTransport {
  /** Resolves when handed over; messages may be gathered and may be limited to a few kilobytes. */
  publish(topic: string, message: unknown): Promise<void>;
  /** Resolves when listening; rejects when it can't now. */
  subscribe(topic: string, handler: (message: unknown) => void): Promise<Unsubscribe>;
  /** Called when messages may have been missed. */
  onGap(listener: () => void): Unsubscribe;
  close(): Promise<void>;
}
