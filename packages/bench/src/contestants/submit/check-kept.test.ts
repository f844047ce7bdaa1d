import { checkKept } from "./check-kept";

it("finds what was accepted and is not there, or is there twice, in every place that keeps it", () => {
  const before = { rows: 10, jobs: 5 };
  expect(checkKept({ before, after: { rows: 13, jobs: 8 }, accepted: 3 })).toBeUndefined();
  expect(checkKept({ before: {}, after: { rows: 3 }, accepted: 3 })).toBeUndefined();
  expect(checkKept({ before, after: { rows: 12, jobs: 8 }, accepted: 3 })).toBe(
    "3 were accepted, and 2 rows were kept",
  );
  expect(checkKept({ before: {}, after: { jobs: 2 }, accepted: 3 })).toBe(
    "3 were accepted, and 2 jobs were kept",
  );
  expect(checkKept({ before, after: { rows: 13, jobs: 9 }, accepted: 3 })).toBe(
    "3 were accepted, and 4 jobs were kept",
  );
});

it("lets jobs be missing where the rows are the truth", () => {
  expect(checkKept({ before: {}, after: { rows: 3, jobs: 2 }, accepted: 3 })).toBeUndefined();
});
