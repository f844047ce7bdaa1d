import { invalidationScenarios } from "../testing/invalidation-scenarios";
import { createMemoryJournal } from "../testing/memory-journal";
import { createMemoryProcesses } from "../testing/two-processes";

invalidationScenarios("the doubles", async () => {
  const journal = createMemoryJournal();
  const processes = await createMemoryProcesses("cache", journal);
  return { processes, journal, close: () => processes.close() };
});
