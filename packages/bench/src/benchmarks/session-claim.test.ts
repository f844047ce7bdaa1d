import { summarizeRounds } from "../report/statistics";
import { describeClaim } from "./session-claim";

function row(contestant: string, p50Ms: number, operationsPerSecond: number) {
  return {
    group: "1 at once",
    contestant,
    status: "measured",
    figures: {
      p50Ms: summarizeRounds([p50Ms]),
      operationsPerSecond: summarizeRounds([operationsPerSecond]),
    },
  } as const;
}

it("says what was measured beside what is claimed", () => {
  const rows = [row("redis", 0.1, 9000), row("database", 0.4, 3000)];
  expect(describeClaim(rows, { redis: "redis", databases: ["database", "absent"] })).toEqual([
    'The claim "Redis sessions are over 90 % faster than database sessions", and what is true here:',
    "  1 at once, against database: 75 % less time at the median, 200 % more per second",
  ]);
  expect(describeClaim([], { redis: "redis", databases: ["database"] })).toEqual([]);
});
