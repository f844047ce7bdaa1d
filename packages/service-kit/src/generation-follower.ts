import type { GenerationNews } from "@vibe-friend/contracts/bus-messages";
import type { GenerationEvent } from "@vibe-friend/contracts/generation-event";

export interface GenerationLog {
  /** Events with `seq > after` in order, at most about `limit`; fewer than all means ask again. */
  events(generationId: string, after: number, limit: number): Promise<readonly GenerationEvent[]>;
}

export interface FollowListener {
  /**
   * Takes the next events. While its promise is open it isn't called again and nothing is kept for it:
   * what happens meanwhile is read from the log afterwards. One that throws is left behind.
   */
  onEvents(events: readonly GenerationEvent[]): void | Promise<void>;
  /** The log can't be read; told once per outage. The feed tries again until it can. */
  onProblem?(error: unknown): void;
}

/** One listener's way through one generation's log. */
export interface Follower {
  /** News came: deliver what rides along if it fits exactly, else read. */
  hear(news: GenerationNews): void;
  /** The log is known to reach `seq`. */
  aim(seq: number): void;
  /** Something may be there: read once at least. */
  look(): void;
  close(): void;
}

interface FollowerOptions {
  readonly generationId: string;
  readonly after: number;
  readonly listener: FollowListener;
  readonly log: GenerationLog;
  readonly pageSize: number;
  /** First pause after a failed read; doubles up to eight times that. */
  readonly retryMs: number;
  readonly onBroken: (error: unknown) => void;
}

class ListenerFailed extends Error {}

/**
 * Serialises delivery: one read or one listener call at a time, each starting where the last one ended.
 * Whatever the bus does, only events right behind `position` get through.
 */
export function createFollower(options: FollowerOptions): Follower {
  const { generationId, listener, log, pageSize, retryMs, onBroken } = options;
  let position = options.after;
  /** How far the log is known to reach. */
  let target = 0;
  /** Read until nothing comes, even if nothing is known to be there. */
  let mustRead = false;
  /** Counts wishes, so that one that comes during a read isn't taken for answered by it. */
  let wishes = 0;
  /** The newest message with events; shared by all followers of the generation, never queued. */
  let latest: readonly GenerationEvent[] = [];
  let pumping = false;
  let closed = false;
  let wake: (() => void) | undefined;

  async function deliver(events: readonly GenerationEvent[]): Promise<void> {
    const fresh = events.filter((event) => event.seq > position);
    const last = fresh.at(-1);
    if (last === undefined || closed) return;
    try {
      await listener.onEvents(fresh);
    } catch (error) {
      throw new ListenerFailed("listener failed", { cause: error });
    }
    position = last.seq;
  }

  /** Events of the newest message that join on to `position` without a gap. */
  function riding(): readonly GenerationEvent[] {
    const first = latest[0];
    if (first === undefined || first.seq > position + 1) return [];
    return (latest.at(-1)?.seq ?? 0) > position ? latest : [];
  }

  async function read(): Promise<void> {
    const wishesBefore = wishes;
    const events = await log.events(generationId, position, pageSize);
    if (events.length > 0) {
      await deliver(events);
    } else if (wishes === wishesBefore) {
      // The log knows better than whoever announced more; the next news or poll asks again.
      mustRead = false;
      target = position;
    }
  }

  const isClosed = () => closed;

  async function pump(): Promise<void> {
    if (pumping || closed) return;
    pumping = true;
    let failures = 0;
    while (!isClosed()) {
      const fitting = riding();
      try {
        if (fitting.length > 0) await deliver(fitting);
        else if (mustRead || target > position) await read();
        else break;
        failures = 0;
      } catch (error) {
        if (error instanceof ListenerFailed) {
          onBroken(error.cause);
          break;
        }
        if (failures === 0) listener.onProblem?.(error);
        failures += 1;
        await pause(retryMs * Math.min(8, 2 ** (failures - 1)));
      }
    }
    pumping = false;
  }

  function pause(durationMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, durationMs);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  return {
    hear(news) {
      wishes += 1;
      target = Math.max(target, news.seqTo);
      if (news.events !== undefined && news.seqTo > position) latest = contiguous(news.events);
      void pump();
    },
    aim(seq) {
      wishes += 1;
      target = Math.max(target, seq);
      void pump();
    },
    look() {
      wishes += 1;
      mustRead = true;
      void pump();
    },
    close() {
      closed = true;
      wake?.();
    },
  };
}

/** Nothing, unless each event follows the one before it: a damaged message is only a pointer. */
function contiguous(events: readonly GenerationEvent[]): readonly GenerationEvent[] {
  const first = events[0];
  if (first === undefined) return [];
  return events.every((event, index) => event.seq === first.seq + index) ? events : [];
}
