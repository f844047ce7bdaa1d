import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkoutRoot, localDirectory } from "@vibe-friend/local-stack/checkout";
import type { DrillResult } from "./drill-result";

const folder = mkdtempSync(join(tmpdir(), "drill-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const listLeftovers = (): string[] => readdirSync(localDirectory).filter((name) => name.startsWith("drill-"));

it("lets Redis be flushed under load, says what it cost, and leaves nothing behind", async () => {
  const before = listLeftovers();
  const json = join(folder, "drill.json");
  const markdown = join(folder, "drill.md");
  const { code, output } = await runDrill([
    "--quick",
    "--only",
    "redis-flushed",
    "--seed",
    "5",
    "--json",
    json,
    "--markdown",
    markdown,
  ]);
  expect([code, output]).toEqual([0, expect.stringContaining("lost 0, doubled 0, events missed 0")]);
  const result = JSON.parse(readFileSync(json, "utf8")) as DrillResult;
  expect(result).toMatchObject({ seed: 5, quick: true, faults: [{ name: "redis-flushed" }], overload: [] });
  const [row] = result.faults;
  expect(row?.during.requests).toBeGreaterThan(0);
  expect(row?.revoked.signedOut).toBeGreaterThan(0);
  expect(row?.revoked.tries).toBeGreaterThan(0);
  expect(result.warmUp.acknowledged).toBeGreaterThan(0);
  expect(result.warmUp.eventsChecked).toBeGreaterThan(0);
  expect(readFileSync(markdown, "utf8")).toContain("Redis flushed (FLUSHALL)");
  expect(listLeftovers()).toEqual(before);
}, 300_000);

it("says in one line what an option may be", async () => {
  const { code, output } = await runDrill(["--only", "nonsense"]);
  expect(code).toBe(1);
  expect(output).toMatch(/--only is "nonsense"; allowed is one of redis-killed/);
}, 120_000);

function runDrill(args: readonly string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const script = join(checkoutRoot, "packages/e2e/bin/drill.mjs");
    const child = execFile(process.execPath, [script, ...args], (_, stdout, stderr) => {
      resolve({ code: child.exitCode, output: `${stdout}${stderr}` });
    });
  });
}
