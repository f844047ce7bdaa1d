import type { Cluster, Redis } from "ioredis";
import type { Guard } from "../degradation/guard";
import type { RoleHealth, Unsubscribe } from "../degradation/health";
import type { RedisCommands } from "./redis-commands";

/**
 * What a Redis is used for. *state*: sessions, queue, limits, Pub/Sub; must never evict.
 * *cache*: values that may vanish at any moment. Both may be one server.
 */
export type RedisRoleName = "state" | "cache";

/** The client underneath, for libraries that insist on one (BullMQ, a Socket.IO adapter). */
export type RedisClient = Redis | Cluster;

/** A subscription connection that looks after itself: it reconnects, and says when it may have missed something. */
export interface RedisSubscriber {
  /** Resolves when the server has confirmed; rejects when it can't be reached now. Kept, and repeated at every reconnect, either way. */
  subscribe(channel: string): Promise<void>;
  unsubscribe(channel: string): Promise<void>;
  close(): Promise<void>;
}

/** What a subscriber reports. */
export interface SubscriberListener {
  onMessage(channel: string, message: string): void;
  /** The connection was lost or is back with all channels subscribed: what came in between is missed. */
  onGap(): void;
}

/** One role of Redis in this process: its connection, its health, and the guarded way to it. */
export interface RedisRole {
  readonly role: RedisRoleName;
  /** true with REDIS_URL=none: every call is answered `disabled` at once, and no client can be opened */
  readonly disabled: boolean;
  readonly isCluster: boolean;
  readonly health: RoleHealth;
  /**
   * `run_id` of the server that answers now, in Cluster those of all masters, sorted and joined with ",";
   * undefined until it is known. A server that was restarted, restored or failed over has another one.
   * No command is answered by a server that has not said who it is.
   */
  identity(): string | undefined;
  /** Called whenever `identity` has changed, before any command runs on the new server. */
  onIdentity(listener: () => void): Unsubscribe;
  /** What is set up badly on the server though it works, as of the last look (every 5 s). */
  warnings(): readonly string[];
  /** The way for everything a person waits for. */
  readonly guard: Guard;
  /** Unguarded; for background work that brings its own deadline. A single one ends after 1 s. */
  readonly commands: RedisCommands;
  /** For BullMQ's Queue: a command ends after REDIS_WRITE_TIMEOUT, at once when its connection is lost. @throws {RedisFault} disabled */
  createProducerClient(): RedisClient;
  /** For questions that nothing waits for, as an inspection's: asked again when the connection is lost, REDIS_MAX_RETRIES times. @throws {RedisFault} disabled */
  createBackgroundClient(): RedisClient;
  /** For BullMQ's Worker: waits for ever, reconnects for ever. @throws {RedisFault} disabled */
  createBlockingClient(): RedisClient;
  /** A bare client for subscriptions made by other libraries. @throws {RedisFault} disabled */
  createSubscriberClient(): RedisClient;
  /** A subscription that heals itself. @throws {RedisFault} disabled */
  createSubscriber(listener: SubscriberListener): RedisSubscriber;
  /** Closes every client this role made, within a second. */
  close(): Promise<void>;
}
