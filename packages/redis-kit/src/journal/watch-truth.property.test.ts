import fc from "fast-check";
import { modelSteps, runModel } from "../testing/revocation-model";

it("believes no ended session once the bound has passed, and denies no open one, whatever fails when", async () => {
  const seed = Number(process.env["FC_SEED"] ?? Date.now() % 2 ** 31);
  const numRuns = Number(process.env["FC_RUNS"] ?? 60);
  await fc.assert(
    fc.asyncProperty(modelSteps, (steps) => runModel(jest, steps)),
    { seed, numRuns, endOnFailure: process.env["FC_FAST"] !== undefined },
  );
}, 120_000);
