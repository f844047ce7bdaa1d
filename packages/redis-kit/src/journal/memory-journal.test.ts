import { journalBehaviour } from "../testing/journal-behaviour";
import { createMemoryJournal } from "../testing/memory-journal";

let journal = createMemoryJournal();

journalBehaviour("memory", () => {
  const current = {
    append: (...given: Parameters<typeof journal.append>) => journal.append(...given),
    settle: (...given: Parameters<typeof journal.settle>) => journal.settle(...given),
    drain: (...given: Parameters<typeof journal.drain>) => journal.drain(...given),
    look: () => journal.look(),
    advanceEpoch: (...given: Parameters<typeof journal.advanceEpoch>) => journal.advanceEpoch(...given),
    prune: (...given: Parameters<typeof journal.prune>) => journal.prune(...given),
  };
  return Promise.resolve({
    journal: current,
    other: current,
    clear() {
      journal = createMemoryJournal();
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  });
});
