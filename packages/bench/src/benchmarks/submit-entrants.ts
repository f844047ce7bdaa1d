import type { RedisServer } from "@vibe-friend/local-stack/redis-server";
import type { SubmitAdapterName } from "../contestants/submit/submit-contestant";
import type { SubmitCalls } from "../contestants/submit/submit-worker";
import { peerPackages } from "../peers/peer-packages";
import { placePeer } from "../peers/place-peer";
import { startWorker } from "../process/worker-process";
import type { WorkerProcess } from "../process/worker-process";
import { readRedis, startBenchStack } from "../runner/bench-stack";
import type { BenchContext } from "../runner/benchmark";
import type { Entrant } from "../runner/entrant";

/** A way to submit, with servers of its own. */
export interface SubmitScene {
  readonly redis: RedisServer;
  readonly worker: WorkerProcess<SubmitCalls>;
}

const peers = {
  bullmq: `BullMQ ${peerPackages.bullmq.bullmq} add`,
  "pg-boss": `pg-boss ${peerPackages["pg-boss"]["pg-boss"]} send`,
  "graphile-worker": `graphile-worker ${peerPackages["graphile-worker"]["graphile-worker"]} add_job`,
} as const;

export const submitTitles: Readonly<Record<SubmitAdapterName, string>> = {
  insert: "one INSERT",
  ...peers,
  ours: "vibe-friend",
  "ours-http": "vibe-friend over HTTP",
};

export function createSubmitEntrant(context: BenchContext, adapter: SubmitAdapterName): Entrant<SubmitScene> {
  const { directory, missing } =
    adapter in peers
      ? placePeer(context.findPeer(adapter as keyof typeof peers))
      : { directory: "", missing: undefined };
  return {
    contestant: submitTitles[adapter],
    ...(missing === undefined ? {} : { missing }),
    async open() {
      const servers = await (adapter === "ours-http" ? openStack(context) : openServers(context));
      const { redis, stop, ...place } = servers;
      try {
        // Each of theirs has a password to be hashed.
        const people = context.quick && adapter === "ours-http" ? 32 : 64;
        const setup = { adapter, peerDirectory: directory, redisUrl: redis.url, people, ...place };
        const worker = await startWorker("submit", setup);
        return {
          redis,
          worker,
          async stop() {
            await worker.stop();
            await stop();
          },
        };
      } catch (error) {
        await stop();
        throw error;
      }
    },
  };
}

async function openServers(context: BenchContext) {
  const { url: databaseUrl } = await context.openDatabase();
  const redis = await context.startRedis("state");
  return { redis, databaseUrl, gatewayUrl: "", stop: () => redis.stop() };
}

/** Without workers: what is submitted stays where it is, to be counted. */
async function openStack(context: BenchContext) {
  const stack = await startBenchStack(context, { services: ["api-gateway", "auth", "cache"] });
  const { databaseUrl, url: gatewayUrl } = stack;
  return { redis: readRedis(stack), databaseUrl, gatewayUrl, stop: () => stack.stop() };
}
