/** Whoever takes part in a group of rows; opened before the first round, closed after the last. */
export interface Entrant<W> {
  readonly contestant: string;
  /** what to know when reading its row */
  readonly note?: string;
  /** in one line why it can't take part */
  readonly missing?: string;
  open(): Promise<W & { stop(): Promise<void> }>;
}

/** Figures of one round by column key; whoever gave wrong answers rejects instead. */
export type RoundFigures = Readonly<Record<string, number>>;
