import type { GenerationEvent } from "@vibe-friend/contracts/generation-event";
import type { NotificationMetrics, Outlet } from "./ports";

export interface DeliveryLimits {
  /** About bytes that are handed to a connection before it has to drain. */
  readonly burstBytes: number;
  /** How long a connection may take to drain before it is cut. */
  readonly stallMs: number;
}

export const defaultDelivery: DeliveryLimits = { burstBytes: 256 * 1024, stallMs: 10_000 };

/** A browser that took too long; its connection is cut, it comes back with its last `seq`. */
export class TooSlow extends Error {
  override readonly name = "TooSlow";
}

/**
 * Sends events in order and waits where the browser is slower than the log, so that what a process keeps
 * for one browser stays bounded. The feed reads on when this resolves.
 *
 * @param isWanted false ends it: the subscription was closed or replaced meanwhile
 * @throws {TooSlow} after cutting the connection
 */
export function createDeliverEvents(
  outlet: Outlet,
  { metrics, limits }: { readonly metrics: NotificationMetrics; readonly limits: DeliveryLimits },
) {
  return async function deliverEvents(
    events: readonly GenerationEvent[],
    isWanted: () => boolean,
  ): Promise<void> {
    let burst = 0;
    for (const event of events) {
      if (!isWanted()) return;
      metrics.delivered(1);
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

export type DeliverEvents = ReturnType<typeof createDeliverEvents>;

function sizeOf(event: GenerationEvent): number {
  return 200 + (event.type === "file:delta" ? event.text.length : 0);
}
