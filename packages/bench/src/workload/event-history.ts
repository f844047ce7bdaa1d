/** What one client was sent of one generation, reduced to what has to be right. */
export interface EventHistory {
  /** @param text an event as JSON, as it came over the wire */
  take(text: string): void;
  readonly lastSeq: number;
  readonly isEnded: boolean;
  /** the first thing that was not the next event */
  readonly fault: string | undefined;
  /** when the first event of a type came; milliseconds since 1970 */
  firstAt(type: string): number | undefined;
}

const finalTypes = new Set(["completed", "failed", "cancelled"]);

/** @param now milliseconds since 1970 */
export function createEventHistory(now: () => number): EventHistory {
  const firsts = new Map<string, number>();
  let lastSeq = 0;
  let fault: string | undefined;
  let endedAs: string | undefined;
  return {
    take(text) {
      const { seq, type } = JSON.parse(text) as { seq: number; type: string };
      if (seq !== lastSeq + 1) fault ??= `event ${seq} came after event ${lastSeq}`;
      if (endedAs !== undefined) fault ??= `event ${seq} came after the end`;
      lastSeq = seq;
      if (finalTypes.has(type)) endedAs = type;
      if (type === "failed" || type === "cancelled") fault ??= `the generation ${type}`;
      if (!firsts.has(type)) firsts.set(type, now());
    },
    get lastSeq() {
      return lastSeq;
    },
    get isEnded() {
      return endedAs !== undefined;
    },
    get fault() {
      return fault;
    },
    firstAt: (type) => firsts.get(type),
  };
}
