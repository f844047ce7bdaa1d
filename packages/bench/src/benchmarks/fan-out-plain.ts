import { randomUUID } from "node:crypto";
import type { SocketNodeCalls, SocketNodeSetup } from "../contestants/fan-out/socket-node-worker";
import { peerPackages } from "../peers/peer-packages";
import { placePeer } from "../peers/place-peer";
import { startWorker } from "../process/worker-process";
import type { WorkerProcess } from "../process/worker-process";
import type { BenchContext } from "../runner/benchmark";
import type { Entrant } from "../runner/entrant";
import { connectCrowd } from "./fan-out-crowd";
import { countSockets } from "./fan-out-scene";
import type { FanOutOptions, FanOutScene } from "./fan-out-scene";

const { "socket.io": version } = peerPackages["socket.io"];

export const plainTitles = {
  redis: `Socket.IO ${version}, Redis adapter`,
  sharded: `Socket.IO ${version}, sharded adapter`,
} as const;

/** Two nodes of plain Socket.IO; the first one broadcasts to the room, as the node that got the request would. */
export function createPlainFanOut(
  context: BenchContext,
  adapter: SocketNodeSetup["adapter"],
  { pace, recording }: FanOutOptions,
): Entrant<FanOutScene> {
  const { directory: peerDirectory, missing } = placePeer(context.findPeer("socket.io"));
  return {
    contestant: plainTitles[adapter],
    ...(missing === undefined ? {} : { missing }),
    async open() {
      const { events } = recording;
      if (events === undefined) throw new Error("there are no recorded events to broadcast");
      const redis = await context.startRedis("state");
      const nodes: WorkerProcess<SocketNodeCalls>[] = [];
      const stop = async (): Promise<void> => {
        await Promise.all(nodes.map((node) => node.stop()));
        await redis.stop();
      };
      try {
        for (let number = 0; number < 2; number += 1) {
          nodes.push(await startWorker("socket-node", { adapter, redisUrl: redis.url, peerDirectory }));
        }
        const ports = await Promise.all(nodes.map(({ call }) => call.readPort()));
        const targets = ports.map((port) => ({ url: `http://127.0.0.1:${port}`, cookie: "none=none" }));
        const crowd = await connectCrowd(targets, countSockets(context));
        return {
          crowd,
          prepare: () => Promise.resolve(randomUUID()),
          async run(id) {
            const paced = pace.engineRate > 0;
            return (await nodes[0]?.call.broadcast({ id, events, paced })) ?? [];
          },
          readMemory: async () =>
            Math.max(...(await Promise.all(nodes.map(({ call }) => call.readMemory())))),
          async stop() {
            await crowd.stop();
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
