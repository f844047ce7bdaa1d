import type { DrillStack } from "../stack/drill-stack";

/** Something that happens to a running product, and is made good again. */
export interface Fault {
  /** For `--only`. */
  readonly name: string;
  /** As in the table. */
  readonly title: string;
  /** How long it lasts; 0 for what is over at once. */
  readonly lastsMs: number;
  /** The same in a quick drill; undefined leaves it out there. */
  readonly quickLastsMs: number | undefined;
  /** Before anything is measured. */
  readonly prepare?: (stack: DrillStack) => Promise<void>;
  /** People sign out before it happens, not only while it lasts. */
  readonly signsOutBefore?: boolean;
  /** Of a worker: generations it runs must be begun again by another. */
  readonly worker?: string;
  readonly inject: (stack: DrillStack) => Promise<void>;
  /** Answers when what was broken is ready again. */
  readonly heal: (stack: DrillStack) => Promise<void>;
}

export function nothing(): Promise<void> {
  return Promise.resolve();
}
