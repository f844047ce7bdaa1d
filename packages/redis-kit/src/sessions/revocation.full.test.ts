import { createMemorySessionTruth } from "../testing/memory-session-truth";
import { revocationScenarios } from "../testing/revocation-scenarios";
import { createMemoryProcesses } from "../testing/two-processes";

revocationScenarios("the doubles", async () => {
  const truth = createMemorySessionTruth();
  const processes = await createMemoryProcesses("state", truth.journal);
  return {
    processes,
    truth,
    userId: "ada",
    countOpen: () => truth.journal.open().length,
    close: () => processes.close(),
  };
});
