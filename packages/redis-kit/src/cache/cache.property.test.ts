import fc from "fast-check";
import { cacheSteps, runCacheModel } from "../testing/cache-model";
import type { ModelFigures } from "../testing/cache-model";

it("never gives what an answered invalidation forbids, whatever fails in between", async () => {
  const figures: ModelFigures = { reads: 0, fromMemory: 0, fromRedis: 0, changes: 0 };
  // A failure prints its seed and path: `{ seed, path }` here repeats it.
  await fc.assert(
    fc.asyncProperty(cacheSteps, (steps) => runCacheModel(jest, steps, figures)),
    { numRuns: 300 },
  );
  expect(figures.fromMemory).toBeGreaterThan(100);
  expect(figures.fromRedis).toBeGreaterThan(100);
  expect(figures.changes).toBeGreaterThan(500);
}, 120_000);
