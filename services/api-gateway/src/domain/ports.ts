import type {
  CacheView,
  InvalidateCacheBody,
  InvalidateCacheResult,
} from "@vibe-friend/contracts/cache-admin";
import type { Access, StoredSettings } from "@vibe-friend/contracts/cached-values";
import type {
  EngineName,
  Generation,
  GenerationFile,
  GenerationStatus,
} from "@vibe-friend/contracts/generation";
import type { GenerationEvent } from "@vibe-friend/contracts/generation-event";
import type { Page } from "@vibe-friend/contracts/ids";
import type { Caller, SessionGrant, SignedIn } from "@vibe-friend/contracts/internal";
import type { LoginBody, RedeemLinkBody, RegisterBody } from "@vibe-friend/contracts/auth";
import type {
  AnnounceBody,
  Announcement,
  Inbox,
  ReadAllNotificationsResult,
  ReadNotificationResult,
} from "@vibe-friend/contracts/notification";
import type { RedisRoleName, RedisView, SaveRedisResult } from "@vibe-friend/contracts/redis-admin";
import type { PutSettingsBody } from "@vibe-friend/contracts/settings";
import type { StatisticsView } from "@vibe-friend/contracts/statistics";
import type { ListUsersQuery, UserListView } from "@vibe-friend/contracts/user-list";

/** What looking for a session gave. `unavailable` says nothing about the session. */
export type FoundSession =
  | { readonly kind: "found"; readonly session: SessionGrant; readonly isDegraded: boolean }
  | { readonly kind: "none" }
  | { readonly kind: "unavailable"; readonly cause: unknown };

export interface Sessions {
  find(token: string): Promise<FoundSession>;
}

export interface AccessSource {
  /**
   * Who the user is and what they may do.
   *
   * @param options.avoidRedis this request has waited for Redis already
   * @throws unavailable when neither cache nor Postgres could be asked; undefined for a user who is gone
   */
  find(userId: string, options: { readonly avoidRedis: boolean }): Promise<Access | undefined>;
}

export interface SettingsSource {
  /**
   * A quarter of a second old at most; the last known ones when nobody can be asked.
   *
   * @param options.avoidRedis this request has waited for Redis already
   * @throws unavailable when nobody can be asked and none are known
   */
  read(options: { readonly avoidRedis: boolean }): Promise<StoredSettings>;
  /** The same, saying whether they are only the last known ones. */
  describe(options: {
    readonly avoidRedis: boolean;
  }): Promise<{ readonly stored: StoredSettings; readonly stale: boolean }>;
  /** Changes are in force for this process once this resolves. */
  put(change: {
    readonly values: PutSettingsBody;
    readonly userId: string;
    readonly caller: Caller;
  }): Promise<StoredSettings>;
}

/** What admins look at and do; all but `cache` of the gateway's own reads is the cache service's. @throws unavailable */
export interface AdminViews {
  statistics(requestId: string): Promise<StatisticsView>;
  users(query: ListUsersQuery, requestId: string): Promise<UserListView>;
  cache(requestId: string): Promise<CacheView>;
  invalidateCache(order: {
    readonly what: InvalidateCacheBody;
    readonly userId: string;
    readonly caller: Caller;
  }): Promise<InvalidateCacheResult>;
  redis(requestId: string): Promise<RedisView>;
  saveRedis(order: {
    readonly role: RedisRoleName;
    readonly userId: string;
    readonly caller: Caller;
  }): Promise<SaveRedisResult>;
}

/** Inboxes, through any notification node. @throws unavailable */
export interface Inboxes {
  list(
    query: {
      readonly userId: string;
      readonly limit: number;
      readonly cursor?: string | undefined;
      readonly unread?: boolean | undefined;
    },
    requestId: string,
  ): Promise<Inbox>;
  /** @throws not_found: also for somebody else's */
  markRead(
    target: { readonly userId: string; readonly id: string },
    requestId: string,
  ): Promise<ReadNotificationResult>;
  markAllRead(userId: string, requestId: string): Promise<ReadAllNotificationsResult>;
  announce(order: {
    readonly body: AnnounceBody;
    readonly userId: string;
    readonly caller: Caller;
  }): Promise<Announcement>;
  /** The person's limit of submissions a day is met. */
  tellLimit(order: { readonly userId: string; readonly limit: number }): Promise<void>;
}

/** The auth service. */
export interface Accounts {
  register(body: RegisterBody, from: SignInOrigin): Promise<SignedIn>;
  login(body: LoginBody, from: SignInOrigin): Promise<SignedIn>;
  redeemLink(body: RedeemLinkBody, from: SignInOrigin): Promise<SignedIn>;
  logout(session: { readonly userId: string; readonly sessionId: string }, caller: Caller): Promise<void>;
}

export interface SignInOrigin {
  readonly caller: Caller;
  /** the cookie the browser had: that session ends */
  readonly previousToken: string | undefined;
}

export interface GenerationLimits {
  readonly maxOpen: number;
  readonly dailyLimit: number;
}

export interface NewGeneration extends GenerationLimits {
  readonly userId: string;
  readonly prompt: string;
  readonly engine: EngineName;
  readonly model: string | null;
  readonly priority: number;
  readonly mode: "async" | "sync";
  readonly idempotency?: { readonly key: string; readonly hash: string };
}

/** A generation and the events that were committed with the change. */
export interface GenerationChange {
  readonly generation: Generation;
  readonly events: readonly GenerationEvent[];
}

export interface GenerationQuery {
  readonly status?: GenerationStatus;
  readonly q?: string;
  readonly cursor?: string;
  readonly limit: number;
}

/** The rows; every lookup is the owner's own, a foreign id is `not_found`. */
export interface GenerationStore {
  submit(generation: NewGeneration): Promise<GenerationChange & { readonly created: boolean }>;
  find(userId: string, id: string): Promise<Generation | undefined>;
  list(userId: string, query: GenerationQuery): Promise<Page<Generation>>;
  cancel(userId: string, id: string): Promise<GenerationChange>;
  retry(userId: string, id: string, limits: GenerationLimits): Promise<GenerationChange>;
  remove(userId: string, id: string): Promise<void>;
  listFiles(userId: string, id: string): Promise<GenerationFile[]>;
  /** The text comes a piece at a time; read it once. */
  openFile(
    userId: string,
    id: string,
    path: string,
  ): Promise<{ readonly file: GenerationFile; readonly content: AsyncIterable<string> }>;
}

export interface GenerationQueue {
  /** False when Redis did not take it, as far as known; never rejects. */
  add(generation: Pick<Generation, "id" | "priority" | "lastSeq">): Promise<boolean>;
}

/** What others are told; never rejects, may be lost. */
export interface News {
  queued(generationId: string): Promise<void>;
  cancelled(generationId: string): Promise<void>;
  changed(change: GenerationChange): Promise<void>;
  /** Calls back when this session has ended. @returns a function that stops listening */
  onSessionRevoked(
    session: { readonly id: string; readonly userId: string },
    listener: () => void,
  ): () => void;
}

/** A generation's log: what is stored, then what happens. */
export interface Feed {
  follow(
    position: { readonly generationId: string; readonly after: number },
    listener: { onEvents(events: readonly GenerationEvent[]): void | Promise<void> },
  ): Promise<{ close(): void }>;
}
