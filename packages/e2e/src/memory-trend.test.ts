import { describeTrend, isFlat } from "./memory-trend";

const minutes = Array.from({ length: 80 }, (_, index) => index);

it("is flat where memory goes up and down, and where only the start cost something", () => {
  expect(
    isFlat(
      describeTrend(
        "saw",
        minutes.map((at) => 100 + (at % 7) * 8),
      ),
    ),
  ).toBe(true);
  expect(
    isFlat(
      describeTrend(
        "start",
        minutes.map((at) => Math.min(150, 60 + at * 6)),
      ),
    ),
  ).toBe(true);
});

it("is not flat where it goes up all the time", () => {
  expect(
    isFlat(
      describeTrend(
        "leak",
        minutes.map((at) => 100 + at),
      ),
    ),
  ).toBe(false);
});
