/** What a log holds: numbered from 1, without gaps, and a reader never sees a higher number before a lower one. */
export interface LogEntry {
  readonly seq: number;
}

export interface EventLog<E extends LogEntry> {
  /** Events with `seq > after` in order, at most about `limit`; fewer than all means ask again. */
  events(id: string, after: number, limit: number): Promise<readonly E[]>;
}

export interface FollowListener<E extends LogEntry> {
  /**
   * Takes the next events. While its promise is open it isn't called again and nothing is kept for it:
   * what happens meanwhile is read from the log afterwards. One that throws is left behind.
   */
  onEvents(events: readonly E[]): void | Promise<void>;
  /** The log can't be read; told once per outage. The feed tries again until it can. */
  onProblem?(error: unknown): void;
}

/** The log has grown up to `seqTo`; `events`, when they ride along, are contiguous and end there. */
export interface LogNews<E extends LogEntry> {
  readonly seqTo: number;
  readonly events?: readonly E[] | undefined;
}

/** One listener's way through one log. */
export interface Follower<E extends LogEntry> {
  /** News came: deliver what rides along if it fits exactly, else read. */
  hear(news: LogNews<E>): void;
  /** The log is known to reach `seq`. */
  aim(seq: number): void;
  /** Something may be there: read once at least. */
  look(): void;
  close(): void;
}

export interface FollowerOptions<E extends LogEntry> {
  /** of the log */
  readonly id: string;
  readonly after: number;
  readonly listener: FollowListener<E>;
  readonly log: EventLog<E>;
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
export function createFollower<E extends LogEntry>(options: FollowerOptions<E>): Follower<E> {
  const { id, listener, log, pageSize, retryMs, onBroken } = options;
  let position = options.after;
  /** How far the log is known to reach. */
  let target = 0;
  /** Read until nothing comes, even if nothing is known to be there. */
  let mustRead = false;
  /** Counts wishes, so that one that comes during a read isn't taken for answered by it. */
  let wishes = 0;
  /** The newest message with events; shared by all followers of the log, never queued. */
  let latest: readonly E[] = [];
  let pumping = false;
  let closed = false;
  let wake: (() => void) | undefined;

  async function deliver(events: readonly E[]): Promise<void> {
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
  function riding(): readonly E[] {
    const first = latest[0];
    if (first === undefined || first.seq > position + 1) return [];
    return (latest.at(-1)?.seq ?? 0) > position ? latest : [];
  }

  async function read(): Promise<void> {
    const wishesBefore = wishes;
    const events = await log.events(id, position, pageSize);
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
function contiguous<E extends LogEntry>(events: readonly E[]): readonly E[] {
  const first = events[0];
  if (first === undefined) return [];
  return events.every((event, index) => event.seq === first.seq + index) ? events : [];
}
