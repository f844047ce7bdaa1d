import { useBench } from "./testing/use-bench";

const { run } = useBench();

it("measures a whole stack quickly, every generation followed to its end", async () => {
  const { written } = await run(["--quick", "--only", "first-event"]);
  const rows = written.benchmarks[0]!.rows;
  expect(rows.map(({ contestant, status, reason }) => [contestant, status, reason])).toEqual([
    ["Redis up", "measured", undefined],
    ["Redis off", "measured", undefined],
    ["Redis up", "measured", undefined],
    ["Redis off", "measured", undefined],
  ]);
  for (const { figures } of rows) {
    expect(figures["file:delta p50"]!.median).toBeGreaterThanOrEqual(figures["started p50"]!.median);
  }
}, 300_000);
