/** What many sockets were sent of one generation. */
export interface Arrivals {
  /** @param text an event as JSON @param atMs never falls */
  take(socket: number, text: string, atMs: number): void;
  areAllAt(seq: number): boolean;
  /** the first thing on any socket that was not its next event */
  readonly fault: string | undefined;
  /** when the last socket had each of the first `total` events */
  lastAt(total: number): readonly number[];
  describeMissing(total: number): string;
}

const seqField = '"seq":';

export function createArrivals(sockets: number): Arrivals {
  const lastSeqs = new Int32Array(sockets);
  const lastAtBySeq: number[] = [];
  let fault: string | undefined;
  return {
    take(socket, text, atMs) {
      // It stands in front of everything that was generated.
      const seq = Number.parseInt(text.slice(text.indexOf(seqField) + seqField.length), 10);
      const before = lastSeqs[socket] ?? 0;
      if (seq !== before + 1) fault ??= `event ${seq} came after event ${before}`;
      lastSeqs[socket] = seq;
      lastAtBySeq[seq - 1] = atMs;
    },
    areAllAt: (seq) => lastSeqs.every((last) => last === seq),
    get fault() {
      return fault;
    },
    lastAt: (total) => lastAtBySeq.slice(0, total),
    describeMissing(total) {
      const behind = lastSeqs.filter((last) => last !== total).length;
      return `${behind} of ${sockets} sockets did not get all ${total} events`;
    },
  };
}
