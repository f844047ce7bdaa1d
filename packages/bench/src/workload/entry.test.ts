import { entrySchema, isEntry, isWholeEntry, makeEntry } from "./entry";
import { drawIndexes } from "./random";

it("makes about 1 KB that fits its schema and is told from any other name and version", () => {
  const entry = makeEntry("user:7", 3);
  expect(JSON.stringify(entry).length).toBeGreaterThan(950);
  expect(JSON.stringify(entry).length).toBeLessThan(1100);
  expect(entrySchema.parse(JSON.parse(JSON.stringify(entry)))).toEqual(entry);
  expect(isEntry(entry, "user:7", 3)).toBe(true);
  expect([isEntry(entry, "user:7", 2), isEntry(entry, "user:8", 3), isEntry(undefined, "user:7", 3)]).toEqual(
    [false, false, false],
  );
  expect(isWholeEntry({ ...entry, active: false }, "user:7", 3)).toBe(false);
});

it("draws every index, evenly, and the same ones from the same seed", () => {
  const counts = new Array<number>(10).fill(0);
  for (const index of drawIndexes(1, 10, 10_000)) counts[index] = (counts[index] ?? 0) + 1;
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
  expect(drawIndexes(5, 100, 50)).toEqual(drawIndexes(5, 100, 50));
  expect(drawIndexes(5, 100, 50)).not.toEqual(drawIndexes(6, 100, 50));
});
