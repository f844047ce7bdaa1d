import { createHttpPool } from "../../workload/http-pool";
import { registerPeople } from "../../workload/person";
import { openRowsAndJobs } from "./rows-and-jobs";
import { prompt } from "./submit-contestant";
import type { OpenSubmit } from "./submit-contestant";

/** The running gateway: session, body, row; the job follows behind the answer. */
export const openOursOverHttp: OpenSubmit = async (setup) => {
  const people = await registerPeople(setup.gatewayUrl, setup.people);
  const pool = createHttpPool(setup.gatewayUrl);
  const outside = await openRowsAndJobs(setup);
  return {
    async submit(turn) {
      const person = people[turn % people.length];
      if (person === undefined) throw new Error("nobody is there to submit");
      const body = { prompt };
      const { status } = await pool.ask({ method: "POST", path: "/api/v1/generations", person, body });
      if (status !== 202) throw new Error(`submitting was answered ${status}`);
    },
    // Hand-overs end behind the answers, out of sight.
    settled: () => Promise.resolve(),
    count: () => outside.count(),
    countRows: () => outside.countRows(),
    clear: () => outside.clear(),
    async close() {
      pool.close();
      await outside.close();
    },
  };
};
