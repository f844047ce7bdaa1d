import { describeError } from "../errors";
import type { KitLogger } from "../logger";
import type { BusTransport, Unsubscribe } from "./bus-transport";

const retryMs = 1000;

/** The fallback half of a bus. Its methods never reject. */
export interface FallbackTopics {
  /** Listens; where the transport can't yet, it is asked again every second. */
  open(topic: string): Promise<void>;
  close(topic: string): void;
  /** @returns whether the transport has taken it */
  publish(topic: string, message: unknown): Promise<boolean>;
}

/** @param onMessage called with whatever comes in */
export function createFallbackTopics(
  transport: BusTransport,
  logger: KitLogger,
  onMessage: (topic: string, message: unknown) => void,
): FallbackTopics {
  const open = new Map<string, { unsubscribe?: Unsubscribe; timer?: NodeJS.Timeout }>();

  async function listen(topic: string): Promise<void> {
    const entry = open.get(topic);
    if (entry === undefined) return;
    try {
      const unsubscribe = await transport.subscribe(topic, (message) => {
        onMessage(topic, message);
      });
      if (open.get(topic) === entry) entry.unsubscribe = unsubscribe;
      else unsubscribe();
    } catch (error) {
      logger.debug("a fallback topic will be subscribed later", { topic, error: describeError(error) });
      if (open.get(topic) === entry) entry.timer = setTimeout(() => void listen(topic), retryMs).unref();
    }
  }

  return {
    async open(topic) {
      open.set(topic, {});
      await listen(topic);
    },
    close(topic) {
      const entry = open.get(topic);
      open.delete(topic);
      clearTimeout(entry?.timer);
      entry?.unsubscribe?.();
    },
    async publish(topic, message) {
      try {
        await transport.publish(topic, message);
        return true;
      } catch (error) {
        logger.warn("news could not be published either way", { topic, error: describeError(error) });
        return false;
      }
    },
  };
}
