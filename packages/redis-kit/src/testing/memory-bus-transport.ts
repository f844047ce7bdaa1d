import type { BusTransport } from "../bus/bus-transport";

/** A fallback transport in memory; pass the same hub to several to play several processes. */
export interface MemoryBusTransport extends BusTransport {
  /** How many messages went through it. */
  published(): number;
  /** While cut off it rejects, and coming back announces a gap. */
  setCutOff(cutOff: boolean): void;
}

/** Where the transports of one "network" meet. */
export type MemoryBusHub = Set<(topic: string, message: unknown) => void>;

/** Messages pass through JSON, as they would on a wire. */
export function createMemoryBusTransport(hub: MemoryBusHub = new Set()): MemoryBusTransport {
  const handlers = new Map<string, Set<(message: unknown) => void>>();
  const gapListeners = new Set<() => void>();
  let published = 0;
  let isCutOff = false;

  const receive = (topic: string, message: unknown) => {
    if (isCutOff) return;
    for (const handler of [...(handlers.get(topic) ?? [])]) handler(message);
  };
  hub.add(receive);

  return {
    publish(topic, message) {
      if (isCutOff) return Promise.reject(new Error("the fallback is cut off"));
      published += 1;
      const copy: unknown = JSON.parse(JSON.stringify(message));
      for (const deliver of [...hub])
        queueMicrotask(() => {
          deliver(topic, copy);
        });
      return Promise.resolve();
    },
    subscribe(topic, handler) {
      if (isCutOff) return Promise.reject(new Error("the fallback is cut off"));
      const known = handlers.get(topic) ?? new Set();
      handlers.set(topic, known.add(handler));
      return Promise.resolve(() => known.delete(handler));
    },
    onGap(listener) {
      gapListeners.add(listener);
      return () => gapListeners.delete(listener);
    },
    close() {
      hub.delete(receive);
      return Promise.resolve();
    },
    published: () => published,
    setCutOff(cutOff) {
      const back = isCutOff && !cutOff;
      isCutOff = cutOff;
      if (back) for (const listener of gapListeners) listener();
    },
  };
}
