import type { BusTransport } from "@vibe-friend/redis-kit/bus/bus-transport";
import type { KitLogger } from "@vibe-friend/redis-kit/logger";

/** Options of the LISTEN/NOTIFY transport. */
export interface NotifyTransportOptions {
  /** A connection string that goes to Postgres itself, not through a transaction pooler. */
  readonly directUrl: string;
  readonly logger?: KitLogger;
  /** Shown in pg_stat_activity; default `vibe-friend notify`. */
  readonly applicationName?: string;
}

/**
 * News over LISTEN/NOTIFY on a connection of its own, at most one NOTIFY per 50 ms. Messages are pointers:
 * one above 7,900 bytes is refused (logged). Publishing resolves when handed over, and loses the message
 * when Postgres is away; readers catch up from the truth upon `onGap`.
 */
export function createNotifyTransport(options: NotifyTransportOptions): BusTransport {
  throw new Error(`not yet ${options.applicationName ?? ""}`);
}
