import type { JournalStore } from "../journal/journal-store";

/** One process's way to the journal, which may break. */
export interface BreakableJournal extends JournalStore {
  /** From now on every question "rejects" at once, or "hangs" until it is connected again. */
  cutOff(how: "rejects" | "hangs"): void;
  reconnect(): void;
}

export function createBreakableJournal(journal: JournalStore): BreakableJournal {
  let state: "here" | "rejects" | "hangs" = "here";
  let connected = Promise.resolve();
  let connect: () => void = () => undefined;

  async function pass<T>(ask: () => Promise<T>): Promise<T> {
    if (state === "hangs") await connected;
    if (state === "rejects") throw new Error("the journal is away");
    return ask();
  }

  return {
    append: (note, payload) => pass(() => journal.append(note, payload)),
    settle: (taken) => pass(() => journal.settle(taken)),
    drain: (batch, apply) => pass(() => journal.drain(batch, apply)),
    look: () => pass(() => journal.look()),
    advanceEpoch: (change) => pass(() => journal.advanceEpoch(change)),
    prune: (olderThanMs) => pass(() => journal.prune(olderThanMs)),
    cutOff(how) {
      state = how;
      connected = new Promise((resolve) => (connect = resolve));
    },
    reconnect() {
      state = "here";
      connect();
    },
  };
}
