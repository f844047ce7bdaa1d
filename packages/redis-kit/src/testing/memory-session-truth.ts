import { systemClock } from "../clock";
import type { Clock } from "../clock";
import type { JournalNote } from "../journal/journal-store";
import type { SessionRecord } from "../sessions/session-record";
import type { Revocation, RevokedSession, SessionSelector, SessionTruth } from "../sessions/session-truth";
import { createMemoryJournal } from "./memory-journal";
import type { MemoryJournal } from "./memory-journal";

/** A session truth in memory, with the faults a database has. */
export interface MemorySessionTruth extends SessionTruth {
  readonly journal: MemoryJournal;
  /** While away every question rejects; its journal goes with it. */
  setAway(away: boolean): void;
  /** Raises a user's epoch: all older sessions end. */
  raiseEpoch(userId: string): void;
  /** How often it was asked for a session. */
  finds(): number;
  touches(): number;
}

/** Keeps rows as the database would: revoked ones stay, and only it decides. */
export function createMemorySessionTruth(clock: Clock = systemClock): MemorySessionTruth {
  const rows = new Map<string, { record: SessionRecord; revoked: boolean }>();
  const epochs = new Map<string, number>();
  // On a clock of its own: it must go on while a test stands still.
  const journal = createMemoryJournal();
  const counts = { finds: 0, touches: 0 };
  let isAway = false;

  function ask(): Promise<void> {
    return isAway ? Promise.reject(new Error("the database is away")) : Promise.resolve();
  }

  function isOpen({ record, revoked }: { record: SessionRecord; revoked: boolean }): boolean {
    const expiresAt = Math.min(record.idleExpiresAt, record.absoluteExpiresAt);
    return !revoked && expiresAt > clock() && record.userEpoch >= (epochs.get(record.userId) ?? 0);
  }

  function isSelected(selector: SessionSelector, hash: string, record: SessionRecord): boolean {
    switch (selector.kind) {
      case "hash":
        return hash === selector.hash;
      case "one":
        return record.id === selector.sessionId && record.userId === selector.userId;
      case "user":
        return record.userId === selector.userId && record.id !== selector.except;
    }
  }

  function end(selector: SessionSelector): RevokedSession[] {
    const ended = [...rows].filter(([hash, row]) => isSelected(selector, hash, row.record) && isOpen(row));
    for (const [, row] of ended) row.revoked = true;
    return ended.map(([hash, { record }]) => ({ id: record.id, userId: record.userId, hash }));
  }

  async function revoke(selector: SessionSelector, note: JournalNote): Promise<Revocation> {
    await ask();
    const sessions = end(selector);
    if (sessions.length === 0) return { sessions };
    return { sessions, journalId: await journal.append(note, { hashes: sessions.map(({ hash }) => hash) }) };
  }

  return {
    journal,
    async insert(hash, record) {
      await ask();
      rows.set(hash, { record, revoked: false });
    },
    async find(hash) {
      counts.finds += 1;
      await ask();
      const row = rows.get(hash);
      return row !== undefined && isOpen(row) ? row.record : undefined;
    },
    async touch(hash, atMs, idleExpiresAtMs) {
      await ask();
      counts.touches += 1;
      const row = rows.get(hash);
      if (row === undefined || !isOpen(row)) return;
      row.record = { ...row.record, lastSeenAt: atMs, idleExpiresAt: idleExpiresAtMs };
    },
    revoke,
    async rotate({ hash, record }, previousHash, note) {
      await ask();
      rows.set(hash, { record, revoked: false });
      return revoke({ kind: "hash", hash: previousHash }, note);
    },
    async listByUser(userId) {
      await ask();
      return [...rows.values()]
        .filter((row) => row.record.userId === userId && isOpen(row))
        .map((row) => row.record)
        .sort((a, b) => b.lastSeenAt - a.lastSeenAt);
    },
    setAway(away) {
      isAway = away;
      journal.become(away ? "away" : "here");
    },
    raiseEpoch(userId) {
      epochs.set(userId, (epochs.get(userId) ?? 0) + 1);
    },
    finds: () => counts.finds,
    touches: () => counts.touches,
  };
}
