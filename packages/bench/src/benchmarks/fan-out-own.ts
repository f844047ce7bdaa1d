import type { Stack } from "@vibe-friend/local-stack/stack";
import type { SocketClientsSetup } from "../contestants/fan-out/socket-clients-worker";
import { readMetric } from "../report/read-metric";
import { listUrls, startBenchStack } from "../runner/bench-stack";
import type { BenchContext } from "../runner/benchmark";
import type { Entrant } from "../runner/entrant";
import { readEventLog } from "../workload/event-log";
import type { LoggedEvent } from "../workload/event-log";
import { watchGenerations } from "../workload/generation-rows";
import { createHttpPool } from "../workload/http-pool";
import type { HttpPool } from "../workload/http-pool";
import { registerPerson, signInAgain } from "../workload/person";
import type { Person } from "../workload/person";
import { submitOverHttp } from "../workload/submit-over-http";
import { connectCrowd } from "./fan-out-crowd";
import { countSockets } from "./fan-out-scene";
import type { FanOutOptions, FanOutPace, FanOutScene } from "./fan-out-scene";

export const ownTitles = { nodes: "vibe-friend", gateway: "vibe-friend, through the gateway" } as const;

interface Own {
  readonly stack: Stack;
  readonly owner: Person;
  readonly pool: HttpPool;
  readonly pace: FanOutPace;
}

/** The gateway sends all sockets of a session to the same node. */
const sessionsThroughGateway = 20;
const worker = "generation-worker-1";
const prompt = "a list of notes (title, body)";
const endPatienceMs = 60_000;

/** @param via sockets straight on the nodes, half on each, or through the gateway, which chooses by session */
export function createOwnFanOut(
  context: BenchContext,
  via: "nodes" | "gateway",
  { pace, recording }: FanOutOptions,
): Entrant<FanOutScene> {
  return {
    contestant: ownTitles[via],
    async open() {
      const env = { BUILT_IN_ENGINE_RATE: String(pace.engineRate) };
      const stack = await startBenchStack(context, { notifiers: 2, env });
      try {
        const owner = await registerPerson(stack.url);
        const own = { stack, owner, pool: createHttpPool(stack.url), pace };
        recording.events ??= await record(own);
        const crowd = await connectCrowd(await listTargets(own, via), countSockets(context));
        return {
          crowd,
          async prepare() {
            await stack.kill(worker, "SIGTERM");
            return submitOverHttp(own.pool, owner, { prompt });
          },
          async run(id) {
            await stack.restartPart(worker);
            return (await end(own, id)).map(({ atMs }) => atMs);
          },
          readMemory: () => readNodeMemory(stack),
          async stop() {
            await crowd.stop();
            own.pool.close();
            await stack.stop();
          },
        };
      } catch (error) {
        await stack.stop();
        throw error;
      }
    },
  };
}

async function listTargets(
  { stack, owner }: Own,
  via: "nodes" | "gateway",
): Promise<SocketClientsSetup["targets"]> {
  if (via === "nodes") return listUrls(stack, "notification").map((url) => ({ url, cookie: owner.cookie }));
  const targets = [];
  for (let number = 0; number < sessionsThroughGateway; number += 1) {
    const { cookie } = await signInAgain(stack.url, owner);
    targets.push({ url: stack.url, cookie });
  }
  return targets;
}

/** Without anybody watching. The first event comes before anybody could. */
async function record(own: Own): Promise<NonNullable<FanOutOptions["recording"]["events"]>> {
  const [, ...live] = await end(own, await submitOverHttp(own.pool, own.owner, { prompt }));
  const from = live[0]?.atMs ?? 0;
  return live.map(({ atMs, body }) => ({
    offsetMs: atMs - from,
    body: { at: new Date(atMs).toISOString(), ...body },
  }));
}

async function end({ stack, owner, pool, pace }: Own, id: string): Promise<readonly LoggedEvent[]> {
  if (pace.cutAfterMs !== undefined) {
    await new Promise((resolve) => setTimeout(resolve, pace.cutAfterMs));
    const path = `/api/v1/generations/${id}/cancel`;
    const { status } = await pool.ask({ method: "POST", path, person: owner, body: {} });
    if (status !== 200) throw new Error(`cancelling was answered ${status}`);
  }
  const watch = await watchGenerations(stack.databaseUrl);
  try {
    await watch.waitUntilEnded(endPatienceMs);
  } finally {
    await watch.close();
  }
  return readEventLog(stack.databaseUrl, id);
}

async function readNodeMemory(stack: Stack): Promise<number> {
  const texts = listUrls(stack, "notification").map(async (url) => (await fetch(`${url}/metrics`)).text());
  const sizes = (await Promise.all(texts)).map((text) => readMetric(text, "process_resident_memory_bytes"));
  return Math.max(...sizes);
}
