/** Asks which of these sessions are still good; rejects when nobody can say. */
export type FindOpenSessions = (sessionIds: readonly string[]) => Promise<readonly string[]>;

interface Watched {
  readonly sessionId: string;
  readonly end: () => void;
}

/** What stays open on behalf of sessions, and ends with them. */
export interface SessionWatch {
  /** @returns a function that stops watching */
  add(sessionId: string, end: () => void): () => void;
  /** One look, in one question for all. Never rejects: who can't be asked about is looked at next time. */
  look(): Promise<void>;
}

/** Revocation holds for open streams also when its message gets lost: the truth is asked every second. */
export function createSessionWatch(findOpen: FindOpenSessions): SessionWatch {
  const watched = new Set<Watched>();
  return {
    add(sessionId, end) {
      const entry = { sessionId, end };
      watched.add(entry);
      return () => void watched.delete(entry);
    },
    async look() {
      const asked = [...watched];
      if (asked.length === 0) return;
      let open: ReadonlySet<string>;
      try {
        open = new Set(await findOpen([...new Set(asked.map(({ sessionId }) => sessionId))]));
      } catch {
        return;
      }
      for (const { sessionId, end } of asked) if (!open.has(sessionId)) end();
    },
  };
}
