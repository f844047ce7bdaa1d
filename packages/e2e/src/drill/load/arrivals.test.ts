import { drawGapMs } from "./arrivals";
import { createRandom, pick } from "./random";

it("draws gaps whose mean is the rate asked for", () => {
  const random = createRandom(3);
  const gaps = Array.from({ length: 20_000 }, () => drawGapMs(random, 50));
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  expect(mean).toBeGreaterThan(19);
  expect(mean).toBeLessThan(21);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(0);
});

it("makes the same choices with the same seed, others with another", () => {
  const choose = (seed: number): number[] => {
    const random = createRandom(seed);
    return Array.from({ length: 20 }, () => pick(random, [1, 2, 3, 4, 5]));
  };
  expect(choose(1)).toEqual(choose(1));
  expect(choose(1)).not.toEqual(choose(2));
});
