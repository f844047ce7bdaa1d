import { systemClock } from "../clock";
import type { Clock } from "../clock";
import type { RedisRoleName } from "../connection/redis-role";
import { leaveToWriterMs, lookLimit, rememberMs } from "../journal/journal-store";
import type { EpochRecord, JournalEntry, JournalStore } from "../journal/journal-store";

/** A journal in memory, with the faults a database has. */
export interface MemoryJournal extends JournalStore {
  /** Rows that Redis has not been told of yet. */
  open(): readonly JournalEntry[];
  /** "away": every question rejects at once; "hanging": none is answered until it is "here" again. */
  become(state: "here" | "away" | "hanging"): void;
  /** From now on each answer comes so much later; milliseconds. */
  slowDown(byMs: number): void;
  /** How often it was looked at. */
  looks(): number;
}

interface Row extends JournalEntry {
  readonly createdAt: number;
  drainedAt?: number;
}

/** Rows under way in one drain are skipped by another, as with SKIP LOCKED. */
export function createMemoryJournal(clock: Clock = systemClock): MemoryJournal {
  const rows = new Map<string, Row>();
  const epochs = new Map<RedisRoleName, EpochRecord>();
  const locked = new Set<string>();
  let lastId = 0;
  let looks = 0;
  let state: "here" | "away" | "hanging" = "here";
  let returned = Promise.resolve();
  let comeBack: () => void = () => undefined;
  let slowMs = 0;

  async function ask(): Promise<void> {
    if (state === "hanging") await returned;
    if (state === "away") throw new Error("the journal is away");
    // A question is never answered in the tick it is asked in.
    if (slowMs === 0) await Promise.resolve();
    else await new Promise((resolve) => setTimeout(resolve, slowMs));
  }

  function isOpen(row: Row): boolean {
    return row.drainedAt === undefined;
  }

  function isEpoch(role: RedisRoleName, epoch: number | undefined): boolean {
    return epoch === undefined || epoch === (epochs.get(role)?.epoch ?? 0);
  }

  return {
    async append(note, payload) {
      await ask();
      lastId += 1;
      const id = String(lastId);
      rows.set(id, { id, role: note.role, kind: note.kind, payload, createdAt: clock() });
      return id;
    },
    async settle({ role, ids, epoch }) {
      await ask();
      if (!isEpoch(role, epoch)) return;
      for (const id of ids) {
        const row = rows.get(id);
        if (row !== undefined && isOpen(row)) row.drainedAt = clock();
      }
    },
    async drain({ role, limit, epoch }, apply) {
      await ask();
      const batch = [...rows.values()]
        .filter((row) => row.role === role && isOpen(row) && !locked.has(row.id))
        .filter((row) => clock() - row.createdAt >= leaveToWriterMs)
        .slice(0, limit);
      if (batch.length === 0) return 0;
      for (const row of batch) locked.add(row.id);
      try {
        await apply(batch.map(toEntry));
        await ask();
        if (!isEpoch(role, epoch)) return 0;
        for (const row of batch) row.drainedAt ??= clock();
      } finally {
        for (const row of batch) locked.delete(row.id);
      }
      return batch.length;
    },
    async look() {
      looks += 1;
      await ask();
      const since = clock() - rememberMs;
      const seen = [...rows.values()].filter((row) => (row.drainedAt ?? Infinity) > since);
      return {
        epochs: [...epochs.values()],
        rows: seen.slice(0, lookLimit).map((row) => ({ ...toEntry(row), open: isOpen(row) })),
        overflow: seen.length > lookLimit,
      };
    },
    async advanceEpoch({ role, expected, servers }) {
      await ask();
      const stands = epochs.get(role) ?? { role, epoch: 0, servers: "" };
      if (stands.epoch !== expected) return stands;
      const next = { role, epoch: expected + 1, servers };
      epochs.set(role, next);
      return next;
    },
    async prune(olderThanMs) {
      await ask();
      const old = [...rows.values()].filter((row) => (row.drainedAt ?? Infinity) < clock() - olderThanMs);
      for (const row of old) rows.delete(row.id);
      return old.length;
    },
    open: () => [...rows.values()].filter(isOpen).map(toEntry),
    become(next) {
      if (next === "hanging" && state !== "hanging") {
        returned = new Promise((resolve) => {
          comeBack = resolve;
        });
      }
      state = next;
      if (next !== "hanging") comeBack();
    },
    slowDown(byMs) {
      slowMs = byMs;
    },
    looks: () => looks,
  };
}

function toEntry({ id, role, kind, payload }: Row): JournalEntry {
  return { id, role, kind, payload };
}
