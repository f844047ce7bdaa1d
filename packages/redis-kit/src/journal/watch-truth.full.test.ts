import { holdsInModel } from "../testing/revocation-model";

it("believes no ended session once the bound has passed in three thousand stories", async () => {
  await holdsInModel(jest, 3000);
}, 600_000);
