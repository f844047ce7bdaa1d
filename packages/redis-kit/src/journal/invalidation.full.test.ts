import { createBreakableJournal } from "../testing/breakable-journal";
import { invalidationScenarios } from "../testing/invalidation-scenarios";
import { createMemoryJournal } from "../testing/memory-journal";
import { createMemoryProcesses } from "../testing/two-processes";

invalidationScenarios("the doubles", async () => {
  const journal = createMemoryJournal();
  const journalThere = createBreakableJournal(journal);
  const processes = await createMemoryProcesses("cache", journal, journalThere);
  return { processes, journal, journalThere, close: () => processes.close() };
});
