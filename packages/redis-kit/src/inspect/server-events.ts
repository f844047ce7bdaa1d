/** One entry of the slow log. Arguments hold values, so only the key is kept. */
export interface SlowCommand {
  readonly at: Date;
  readonly durationMs: number;
  readonly command: string;
  /** the first argument that is one of our keys */
  readonly key?: string;
  readonly client: string;
}

/** What LATENCY has recorded; nothing unless the server's `latency-monitor-threshold` is set. */
export interface LatencyEvent {
  readonly event: string;
  readonly at: Date;
  readonly latestMs: number;
  readonly maxMs: number;
}

const longestKey = 200;

/** Reads the answer of SLOWLOG GET. @param isKey tells our keys from other arguments */
export function parseSlowlog(answer: unknown, isKey: (text: string) => boolean): SlowCommand[] {
  return rows(answer).map((row) => {
    const [command = "?", ...others] = rows(row, 3).map(String);
    const key = others.find(isKey);
    return {
      at: new Date(Number(cell(row, 1)) * 1000),
      durationMs: Number(cell(row, 2)) / 1000,
      command: command.toUpperCase(),
      ...(key === undefined ? {} : { key: key.slice(0, longestKey) }),
      client: rows(row)[5] === undefined ? "" : String(cell(row, 5)),
    };
  });
}

/** Reads the answer of LATENCY LATEST. */
export function parseLatency(answer: unknown): LatencyEvent[] {
  return rows(answer).map((row) => ({
    event: String(cell(row, 0)),
    at: new Date(Number(cell(row, 1)) * 1000),
    latestMs: Number(cell(row, 2)),
    maxMs: Number(cell(row, 3)),
  }));
}

function cell(row: unknown, index: number): unknown {
  return Array.isArray(row) ? (row[index] as unknown) : undefined;
}

function rows(answer: unknown, index?: number): unknown[] {
  const list = index === undefined ? answer : cell(answer, index);
  return Array.isArray(list) ? list : [];
}
