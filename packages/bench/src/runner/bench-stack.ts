import { rmSync } from "node:fs";
import { startStack } from "@vibe-friend/local-stack/stack";
import type { Stack } from "@vibe-friend/local-stack/stack";
import { productServices } from "@vibe-friend/local-stack/stack-services";
import { createTemporaryDirectory } from "@vibe-friend/local-stack/temporary-directory";
import type { BenchContext } from "./benchmark";

export interface BenchStackOptions {
  /** default: all but the console */
  readonly services?: readonly string[];
  readonly workers?: number;
  readonly notifiers?: number;
  /** false: none, degraded on purpose */
  readonly redis?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

const measuredServices = ["api-gateway", "auth", "cache", "generation-worker", "notification"];

/** Nobody is to be refused for having many: what is measured is how they are served. */
const noLimits = { GENERATION_MAX_OPEN: "100000", GENERATION_MAX_RUNNING: "0", GENERATION_MAX_QUEUED: "0" };

/** The product's own processes, as built, with a Redis of their own and a database on the benchmarks' Postgres. */
export async function startBenchStack(
  context: Pick<BenchContext, "openDatabase">,
  { services = measuredServices, env, ...counts }: BenchStackOptions,
): Promise<Stack> {
  const { url: databaseUrl } = await context.openDatabase();
  const dataDir = createTemporaryDirectory("bench-stack");
  const forget = (): void => {
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    const stack = await startStack({
      ...counts,
      dataDir,
      databaseUrl,
      restarts: false,
      services: productServices.filter(({ name }) => services.includes(name)),
      env: { LOG_LEVEL: "warn", ...noLimits, ...env },
    });
    return {
      ...stack,
      async stop() {
        await stack.stop();
        forget();
      },
    };
  } catch (error) {
    forget();
    throw error;
  }
}

/** @throws {Error} when the stack was started without it */
export function readRedis({ redis }: Stack): NonNullable<Stack["redis"]> {
  if (redis === undefined) throw new Error("there is no Redis to measure");
  return redis;
}

/** Addresses of all processes of a service, in their order. */
export function listUrls(stack: Stack, service: string): readonly string[] {
  return stack
    .parts()
    .filter(({ name }) => name.replace(/-\d+$/, "") === service)
    .map(({ url }) => url);
}
