import type { GenerationStatus } from "@vibe-friend/contracts/generation";
import type { GenerationEvent } from "@vibe-friend/contracts/generation-event";
import type { SystemStatus } from "@vibe-friend/contracts/system-status";

/** Who is behind a socket. */
export interface Person {
  readonly userId: string;
  readonly sessionId: string;
}

export interface Sessions {
  /** `unavailable`: nobody could be asked, which is no "no". */
  find(
    token: string,
  ): Promise<
    | { readonly kind: "found"; readonly person: Person }
    | { readonly kind: "none" }
    | { readonly kind: "unavailable" }
  >;
  /** Asks Postgres. @returns those that are still good; rejects when it can't be asked */
  findOpen(sessionIds: readonly string[]): Promise<readonly string[]>;
}

export interface Generations {
  /** undefined: there is none of this id that belongs to this user. Rejects when Postgres can't be asked. */
  findPosition(
    userId: string,
    generationId: string,
  ): Promise<{ readonly status: GenerationStatus; readonly lastSeq: number } | undefined>;
}

/** Every event after a position, once and in order; service-kit's feed. */
export interface Feed {
  follow(
    position: { readonly generationId: string; readonly after: number },
    listener: { onEvents(events: readonly GenerationEvent[]): Promise<void> },
  ): Promise<{ close(): void }>;
}

/** The way to one browser. */
export interface Outlet {
  send(event: GenerationEvent): void;
  /** Resolves when what was sent has left this process. */
  drained(): Promise<void>;
  /** Ends the connection so that the client comes back; it resumes where it was. */
  cut(reason: string): void;
}

/** One role of Redis as this process sees it. */
export interface RoleView {
  status(): { readonly mode: SystemStatus["mode"]; readonly since: Date };
  onChange(listener: () => void): () => void;
}

export interface NotificationMetrics {
  readonly delivered: (events: number) => void;
  readonly cutSlow: () => void;
  readonly refused: (why: string) => void;
  readonly revoked: (sockets: number) => void;
}

export interface NotificationLogger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}
