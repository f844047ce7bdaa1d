import type { NotificationMetrics, Outlet } from "./ports";

export interface DeliveryLimits {
  /** About bytes that are handed to a connection before it has to drain. */
  readonly burstBytes: number;
  /** How long a connection may take to drain before it is cut. */
  readonly stallMs: number;
}

export const defaultDelivery: DeliveryLimits = { burstBytes: 64 * 1024, stallMs: 10_000 };

export interface DeliverOptions<E> {
  readonly metrics: Pick<NotificationMetrics, "cutSlow">;
  readonly limits: DeliveryLimits;
  readonly onSent: (count: number) => void;
  /** About bytes. */
  readonly sizeOf: (event: E) => number;
}

/** @param isWanted false ends it: the subscription was closed or replaced meanwhile */
export type Deliver<E> = (events: readonly E[], isWanted: () => boolean) => Promise<void>;

/** A browser that took too long; its connection is cut, it comes back with its last `seq`. */
export class TooSlow extends Error {
  override readonly name = "TooSlow";
}

/**
 * Sends events in order and waits where the browser is slower than the log, so that what a process keeps
 * for one browser stays bounded. The feed reads on when this resolves.
 *
 * @throws {TooSlow} after cutting the connection
 */
export function createDeliver<E>(outlet: Outlet<E>, options: DeliverOptions<E>): Deliver<E> {
  const { metrics, limits, onSent, sizeOf } = options;
  return async function deliver(events, isWanted) {
    let burst = 0;
    for (const event of events) {
      if (!isWanted()) return;
      onSent(1);
      outlet.send(event);
      burst += sizeOf(event);
      if (burst < limits.burstBytes) continue;
      await drain();
      burst = 0;
    }
    await drain();
  };

  async function drain(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const stalled = new Promise<"stalled">((resolve) => {
      timer = setTimeout(() => {
        resolve("stalled");
      }, limits.stallMs);
    });
    const outcome = await Promise.race([outlet.drained(), stalled]);
    clearTimeout(timer);
    if (outcome !== "stalled") return;
    metrics.cutSlow();
    outlet.cut("too slow");
    throw new TooSlow("The client didn't take its events in time");
  }
}
