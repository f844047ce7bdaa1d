import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { findRedisBinary } from "@vibe-friend/local-stack/redis-binary";
import type { RedisServer } from "@vibe-friend/local-stack/redis-server";
import type { Entrant, RoundFigures } from "../runner/entrant";

const execFileAsync = promisify(execFile);

/** Measures a GET by itself, with Redis' own C client. */
export interface ToolWorker {
  readonly measureTool: (loop: { concurrency: number; durationMs: number }) => Promise<RoundFigures>;
}

/** The server's own tool where it comes with one: what this machine and this Redis can do with one client thread. */
export async function createRedisBenchmarkEntrant(redis: RedisServer): Promise<Entrant<ToolWorker>> {
  const entrant = { contestant: "redis-benchmark", note: "C client, 1 thread" };
  const binary = await findRedisBinary();
  const path = binary === undefined ? undefined : join(dirname(binary.path), "redis-benchmark");
  if (binary === undefined || path === undefined || !existsSync(path)) {
    const missing = "there is no redis-benchmark beside the server program";
    return { ...entrant, missing, open: () => Promise.reject(new Error(missing)) };
  }
  const address = [
    "-h",
    redis.host,
    "-p",
    String(redis.port),
    "-a",
    redis.password,
    "-d",
    "1000",
    "-r",
    "1000",
  ];

  async function run(requests: number, concurrency: number): Promise<RoundFigures> {
    const args = [...address, "-c", String(concurrency), "-n", String(requests), "--csv"];
    const env = { ...process.env, ...binary?.env };
    const { stdout } = await execFileAsync(path ?? "", [...args, "-t", "get"], { env });
    return parseToolOutput(stdout);
  }

  return {
    ...entrant,
    async open() {
      const env = { ...process.env, ...binary.env };
      // Every key it reads later is there: twenty times as many writes at random places.
      await execFileAsync(path, [...address, "-c", "16", "-n", "20000", "-t", "set", "-q"], { env });
      let perSecond = 20_000;
      return {
        async measureTool({ concurrency, durationMs }) {
          const figures = await run(Math.ceil((perSecond * durationMs) / 1000), concurrency);
          perSecond = figures["operationsPerSecond"] ?? perSecond;
          return figures;
        },
        stop: () => Promise.resolve(),
      };
    },
  };
}

/** @throws {Error} when it printed something else */
export function parseToolOutput(csv: string): RoundFigures {
  const line = csv.split("\n").find((text) => text.startsWith('"GET"'));
  const [, rate, , , p50, , p99] = (line ?? "").split(",").map((cell) => Number(cell.replaceAll('"', "")));
  if (rate === undefined || p50 === undefined || p99 === undefined || Number.isNaN(rate)) {
    throw new Error(`redis-benchmark printed ${JSON.stringify(csv.slice(0, 80))}`);
  }
  return { operationsPerSecond: rate, p50Ms: p50, p99Ms: p99 };
}
