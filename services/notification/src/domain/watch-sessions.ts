import type { NotificationLogger, Sessions } from "./ports";

export interface WatchDependencies {
  readonly sessions: Pick<Sessions, "findOpen">;
  /** Ids of the sessions that have a socket here. */
  readonly list: () => readonly string[];
  /** Tells the sockets of these sessions and disconnects them. */
  readonly end: (sessionIds: readonly string[]) => void;
  /** Closes the connections of these sessions without a verdict. */
  readonly cut: (sessionIds: readonly string[]) => void;
  readonly logger: NotificationLogger;
  /** How long sockets stay open while nobody can say whether their sessions are good. Milliseconds. */
  readonly staleMaxMs: number;
  /** Milliseconds that never jump. */
  readonly clock: () => number;
}

/**
 * Asks Postgres, in one question, whether the sessions of all open sockets are still good, and ends the
 * others: revocation holds also when no message of it arrives. Never rejects.
 */
export function createWatchSessions(dependencies: WatchDependencies) {
  const { sessions, list, end, cut, logger, staleMaxMs, clock } = dependencies;
  let confirmedAt = clock();
  let away = false;

  return async function watchSessions(): Promise<void> {
    const ids = list();
    const askedAt = clock();
    if (ids.length === 0) {
      confirmedAt = askedAt;
      return;
    }
    try {
      const open = new Set(await sessions.findOpen(ids));
      confirmedAt = askedAt;
      away = false;
      const ended = ids.filter((id) => !open.has(id));
      if (ended.length > 0) end(ended);
    } catch (error) {
      if (!away) logger.warn("sessions of open sockets can't be checked", { cause: String(error) });
      away = true;
      if (clock() - confirmedAt <= staleMaxMs) return;
      logger.error("sessions couldn't be checked for too long, closing their sockets", {
        sessions: ids.length,
      });
      cut(ids);
    }
  };
}

export type WatchSessions = ReturnType<typeof createWatchSessions>;
