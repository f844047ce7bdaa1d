import { execFile } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { createTemporaryDirectory } from "@vibe-friend/local-stack/temporary-directory";

const execFileAsync = promisify(execFile);
const script = join(__dirname, "../bin/bench.mjs");

interface Written {
  readonly date: string;
  readonly quick: boolean;
  readonly seeds: { readonly keys: number };
  readonly machine: { readonly cores: number; readonly node: string; readonly redis: string };
  readonly benchmarks: readonly {
    readonly name: string;
    readonly rows: readonly {
      readonly contestant: string;
      readonly status: string;
      readonly reason?: string;
      readonly figures: Readonly<Record<string, { readonly median: number; readonly rounds: number[] }>>;
    }[];
  }[];
}

let directory: string;
beforeEach(() => {
  directory = createTemporaryDirectory("bench");
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const json = join(directory, "figures.json");
  const { stdout, stderr } = await execFileAsync(process.execPath, [script, ...args, "--json", json], {
    env: { ...process.env, ...env },
    timeout: 240_000,
  });
  return { stdout, stderr, written: JSON.parse(readFileSync(json, "utf8")) as Written };
}

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

it("goes on without a peer that can't be installed, and says so", async () => {
  // Nothing listens there, and an empty folder knows no peers of before.
  const { stdout, stderr, written } = await run(["--quick", "--only", "stampede"], {
    npm_config_registry: "http://127.0.0.1:9",
    npm_config_cache: join(directory, "npm-cache"),
    BENCH_PEERS_DIR: join(directory, "peers"),
  });
  expect(stderr).toContain("bentocache could not be installed: ");
  expect(stdout).toMatch(/bentocache [\d.]+ +not run: bentocache could not be installed/);
  const rows = written.benchmarks[0]!.rows;
  expect(rows.find((row) => row.contestant.startsWith("bentocache"))?.status).toBe("not run");
  expect(rows.find((row) => row.contestant === "vibe-friend")?.status).toBe("measured");
}, 300_000);
