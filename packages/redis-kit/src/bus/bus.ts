import type { ZodType } from "zod";
import type { RedisRole } from "../connection/redis-role";
import type { RedisKeys } from "../keys";
import type { KitLogger } from "../logger";
import type { BusTransport, Unsubscribe } from "./bus-transport";

/** What a bus is made of. */
export interface BusOptions {
  readonly role: RedisRole;
  readonly keys: RedisKeys;
  /** the way without Redis */
  readonly fallback: BusTransport;
  readonly logger?: KitLogger;
}

/**
 * News between processes. Delivery only, never the truth: a message may come twice (deduplicate by
 * sequence) and may be missed around a fault (`onGap`: catch up from the truth).
 */
export interface Bus {
  /**
   * Through Redis while it is well, else through the fallback; both while Redis is recovering. Never rejects.
   *
   * @param pointer what the fallback carries instead of `message`, where that would be too large
   */
  publish(topic: string, message: unknown, pointer?: unknown): Promise<void>;
  /** Listens on Redis and on the fallback at once. What doesn't fit `schema` is logged and dropped. */
  subscribe<T>(topic: string, schema: ZodType<T>, handler: (message: T) => void): Promise<Unsubscribe>;
  /** Called when a way was lost or is back: messages may have been missed. */
  onGap(listener: () => void): Unsubscribe;
  close(): Promise<void>;
}

export function createBus(options: BusOptions): Bus {
  throw new Error(`not yet ${options.role.role}`);
}
