import { median, quantile, spreadPercent, summarizeLatencies, summarizeRounds } from "./statistics";

it("takes the middle of an odd and the mean of the middle two of an even number", () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([9, 1, 5, 7])).toBe(6);
  expect(() => median([])).toThrow("nothing was measured");
});

it("gives quantiles that were measured", () => {
  const sorted = Array.from({ length: 100 }, (_, index) => index + 1);
  expect([0, 0.5, 0.99, 1].map((share) => quantile(sorted, share))).toEqual([1, 50, 99, 100]);
  expect(quantile([7], 0.99)).toBe(7);
});

it("says how far rounds lie apart, in per cent of their median", () => {
  const figure = summarizeRounds([90, 120, 100]);
  expect(figure).toEqual({ median: 100, min: 90, max: 120, rounds: [90, 120, 100] });
  expect(spreadPercent(figure)).toBe(30);
  expect(spreadPercent(summarizeRounds([0, 0]))).toBe(0);
});

it("does not sort numbers as words", () => {
  expect(summarizeLatencies([10, 9, 100, 1])).toEqual({ p50Ms: 9, p99Ms: 100, maxMs: 100 });
  expect(summarizeLatencies([])).toBeUndefined();
});
