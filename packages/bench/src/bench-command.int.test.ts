import { join } from "node:path";
import { useBench } from "./testing/use-bench";

const { place, run } = useBench();

it("measures one benchmark quickly, prints a table and writes every figure", async () => {
  const { stdout, written } = await run(["--quick", "--only", "connections", "--seed", "7"]);
  expect(stdout).toContain("GET over pools of connections");
  expect(stdout).toMatch(/ioredis, 1 connection +[\d,.]+ .* 1\.00x/);
  expect(written).toMatchObject({ quick: true, seeds: { keys: 7 }, machine: { node: process.version } });
  expect(Number.isNaN(Date.parse(written.date))).toBe(false);
  expect(written.machine.redis).toMatch(/^\d+\.\d+/);
  expect(written.benchmarks.map((benchmark) => benchmark.name)).toEqual(["connections"]);
  const rows = written.benchmarks[0]!.rows;
  expect(rows.length).toBeGreaterThan(10);
  for (const { status, figures } of rows) {
    expect(status).toBe("measured");
    expect(figures["operationsPerSecond"]!.rounds).toHaveLength(2);
    expect(figures["operationsPerSecond"]!.median).toBeGreaterThan(0);
  }
}, 300_000);

it("goes on without a peer that can't be installed, and says so", async () => {
  // Nothing listens there, and an empty folder knows no peers of before.
  const { stdout, stderr, written } = await run(["--quick", "--only", "stampede"], {
    npm_config_registry: "http://127.0.0.1:9",
    npm_config_cache: join(place.directory, "npm-cache"),
    BENCH_PEERS_DIR: join(place.directory, "peers"),
  });
  expect(stderr).toContain("bentocache could not be installed: ");
  expect(stdout).toMatch(/bentocache [\d.]+ +not run: bentocache could not be installed/);
  const rows = written.benchmarks[0]!.rows;
  expect(rows.find((row) => row.contestant.startsWith("bentocache"))?.status).toBe("not run");
  expect(rows.find((row) => row.contestant === "vibe-friend")?.status).toBe("measured");
}, 300_000);
