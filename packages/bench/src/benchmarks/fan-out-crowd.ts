import type { SocketClientsCalls, SocketClientsSetup } from "../contestants/fan-out/socket-clients-worker";
import { startWorker } from "../process/worker-process";
import type { WorkerProcess } from "../process/worker-process";

/** Many sockets, in processes of their own. */
export interface Crowd {
  readonly size: number;
  /** Resolves when the server has said yes to every one. */
  subscribe(id: string): Promise<void>;
  /**
   * @returns when the last of all had each event, from the first on; milliseconds since 1970
   * @throws {Error} unless every socket got every event once and in order
   */
  collect(total: number, patienceMs: number): Promise<readonly number[]>;
  stop(): Promise<void>;
}

const processes = 2;

export async function connectCrowd(targets: SocketClientsSetup["targets"], size: number): Promise<Crowd> {
  const workers: WorkerProcess<SocketClientsCalls>[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(workers.map((worker) => worker.stop()));
  };
  try {
    for (let number = 0; number < processes; number += 1) {
      workers.push(await startWorker("socket-clients", { targets, count: size / processes }));
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    size,
    async subscribe(id) {
      await Promise.all(workers.map(({ call }) => call.subscribe(id)));
    },
    async collect(total, patienceMs) {
      const parts = await Promise.all(workers.map(({ call }) => call.collect({ total, patienceMs })));
      return mergeLast(parts);
    },
    stop,
  };
}

/** The latest of each place. */
export function mergeLast(parts: readonly (readonly number[])[]): readonly number[] {
  const [first = [], ...rest] = parts;
  return first.map((at, index) => Math.max(at, ...rest.map((part) => part[index] ?? Infinity)));
}
