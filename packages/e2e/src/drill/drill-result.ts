import type { GenerationAccount } from "./history/generation-ledger";
import type { RevocationAccount } from "./history/revoked-sessions";
import type { Capacity } from "./measure-capacity";
import type { MachineFacts } from "./report/machine-facts";
import type { FaultRow } from "./run-fault";
import type { OverloadRow } from "./run-overload";

/** Everything one drill found. */
export interface DrillResult {
  readonly startedAt: string;
  readonly quick: boolean;
  readonly seed: number;
  readonly machine: MachineFacts;
  readonly stack: {
    readonly workers: number;
    readonly notifiers: number;
    readonly gateways: number;
    readonly env: Readonly<Record<string, string>>;
  };
  readonly capacity: Capacity;
  readonly faults: readonly FaultRow[];
  readonly overload: readonly OverloadRow[];
  /** What was acknowledged while the capacity was measured and while the load began. */
  readonly warmUp: GenerationAccount;
  /** Rows in Postgres that nobody asked for. */
  readonly unasked: number;
  /** How late the drill's own process was, 99 of 100 times; above a few milliseconds latencies are the drill's own. */
  readonly ownDelayP99Ms: number;
  readonly totals: Totals;
}

/** What must all be 0. */
export interface Totals {
  readonly lost: number;
  readonly doubled: number;
  readonly eventsMissed: number;
  /** Sent again, or with other contents than the log's. */
  readonly eventsRepeated: number;
  readonly revokedAccepted: number;
}

interface Accounts {
  readonly generations: GenerationAccount;
  readonly revoked?: RevocationAccount;
}

export function addUp(rows: readonly Accounts[], unasked: number): Totals {
  const sum = (count: (row: Accounts) => number): number =>
    rows.reduce((total, row) => total + count(row), 0);
  return {
    lost: sum(({ generations }) => generations.lost),
    doubled: sum(({ generations }) => generations.doubled) + unasked,
    eventsMissed: sum(({ generations }) => generations.eventsMissed),
    eventsRepeated: sum(({ generations }) => generations.eventsRepeated + generations.eventsChanged),
    revokedAccepted: sum(({ revoked }) => revoked?.accepted ?? 0),
  };
}

/** Every promise was kept. */
export function isClean(totals: Totals): boolean {
  return Object.values(totals).every((count) => count === 0);
}
