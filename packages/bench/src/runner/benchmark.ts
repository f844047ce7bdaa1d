import type { RedisServer } from "@vibe-friend/local-stack/redis-server";
import type { BenchmarkReport } from "../report/benchmark-report";
import type { PeerName, PeerState } from "../peers/peer-packages";

/** What a benchmark works with. */
export interface BenchContext {
  readonly quick: boolean;
  readonly seed: number;
  readonly onProgress: (line: string) => void;
  /** A server of the benchmark's own, which it stops. */
  startRedis(kind: RedisKind): Promise<RedisServer>;
  /** An empty, migrated database with one user in it, on a server that all benchmarks share. */
  openDatabase(): Promise<BenchDatabase>;
  findPeer(name: PeerName): PeerState;
}

/** cache: evicts, keeps nothing on disk. state: append-only file, no eviction, as sessions need it. */
export type RedisKind = "cache" | "state";

export interface BenchDatabase {
  readonly url: string;
  readonly userId: string;
}

export interface Benchmark {
  readonly name: string;
  readonly peers: readonly PeerName[];
  run(context: BenchContext): Promise<BenchmarkReport>;
}
