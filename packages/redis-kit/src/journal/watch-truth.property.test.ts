import { holdsInModel } from "../testing/revocation-model";

it("believes no ended session once the bound has passed, and denies no open one, whatever fails when", async () => {
  await holdsInModel(jest, Number(process.env["FC_RUNS"] ?? 60));
}, 120_000);
