import { openLiveSocket } from "../../workload/live-socket";
import type { LiveSocket } from "../../workload/live-socket";
import { nowMs } from "../../workload/open-loop";
import { runMany } from "../../workload/run-many";
import { createArrivals } from "./arrivals";
import type { Arrivals } from "./arrivals";

export interface SocketClientsSetup {
  /** taken in turns */
  readonly targets: readonly { readonly url: string; readonly cookie: string }[];
  readonly count: number;
}

const atOnce = 25;

/** Many browsers in one process. They only look at an event's number: what is measured is the server. */
export async function openSocketClients({ targets, count }: SocketClientsSetup) {
  const sockets: LiveSocket[] = [];
  let arrivals: Arrivals = createArrivals(0);
  await runMany({ count, atOnce }, async (number) => {
    const target = targets[number % targets.length];
    if (target === undefined) throw new Error("there is nothing to connect to");
    sockets.push(await openLiveSocket(target.url, target.cookie));
  });

  return {
    async subscribe(id: string): Promise<void> {
      const own = createArrivals(sockets.length);
      arrivals = own;
      await runMany({ count: sockets.length, atOnce }, async (number) => {
        await sockets[number]?.subscribe(id, (text) => {
          own.take(number, text, nowMs());
        });
      });
    },

    /**
     * @returns when the last of these sockets had each event, from the first on; milliseconds since 1970
     * @throws {Error} when an event is missing, comes twice or out of order
     */
    async collect({ total, patienceMs }: { total: number; patienceMs: number }): Promise<readonly number[]> {
      const until = nowMs() + patienceMs;
      while (!arrivals.areAllAt(total)) {
        if (arrivals.fault !== undefined) throw new Error(arrivals.fault);
        if (nowMs() > until) throw new Error(arrivals.describeMissing(total));
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      return arrivals.lastAt(total);
    },

    close(): Promise<void> {
      for (const socket of sockets) socket.close();
      return Promise.resolve();
    },
  };
}

export type SocketClientsCalls = Awaited<ReturnType<typeof openSocketClients>>;
