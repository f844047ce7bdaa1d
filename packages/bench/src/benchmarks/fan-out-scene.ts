import type { Broadcast } from "../contestants/fan-out/socket-node-worker";
import type { BenchContext } from "../runner/benchmark";
import type { Crowd } from "./fan-out-crowd";

/** Two nodes with a crowd on them. */
export interface FanOutScene {
  readonly crowd: Crowd;
  /** Makes a stream that has not begun. @returns its id */
  prepare(): Promise<string>;
  /** Lets it run to its end. @returns when each event was sent, from the first on; milliseconds since 1970 */
  run(id: string): Promise<readonly number[]>;
  /** resident, of the larger node; bytes */
  readMemory(): Promise<number>;
}

export interface FanOutPace {
  readonly group: string;
  /** characters per second, 0 for as fast as it can */
  readonly engineRate: number;
  /** cancelled after so long; undefined lets it complete */
  readonly cutAfterMs?: number;
}

export interface FanOutOptions {
  readonly pace: FanOutPace;
  /** What plain Socket.IO broadcasts: the same events at the same distances. Made by whoever comes first. */
  readonly recording: { events?: Broadcast["events"] };
}

export function countSockets({ quick }: BenchContext): number {
  return quick ? 200 : 1000;
}
