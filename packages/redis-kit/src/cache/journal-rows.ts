import type { Invalidation, RedisTrust } from "../journal/trust";

/** So many rows within the time that looks remember are written at once each; after that they are gathered. */
const freeRows = 60;
const windowMs = 3000;
const gatherMs = 20;

type What = Omit<Invalidation, "hashes">;

/** One invalidation's part of a row. */
export interface RowPart {
  /** Redis has taken this part. With the last one the row is settled. */
  settle(): void;
}

/** Rows of this process's invalidations that nobody has written in a transaction. */
export interface JournalRows {
  /** Resolves when its row is committed; rejects as the journal does. */
  write(what: What): Promise<RowPart>;
}

interface Row {
  readonly keys: Set<string>;
  readonly tags: Set<string>;
  readonly prefixes: Set<string>;
  /** parts that Redis isn't known to have taken */
  unsettled: number;
  readonly written: Promise<string>;
  readonly send: () => Promise<void>;
}

/**
 * What is invalidated while a row is on its way goes into the next one: every process reads all rows of the last
 * seconds five times a second, and believes nothing when they are too many.
 */
export function createJournalRows(trust: Pick<RedisTrust, "record" | "settle">): JournalRows {
  let open: Row | undefined;
  let isSending = false;
  let sentAtMs: number[] = [];

  function begin(): Row {
    const keys = new Set<string>();
    const tags = new Set<string>();
    const prefixes = new Set<string>();
    let send: Row["send"] = () => Promise.resolve();
    const written = new Promise<string>((resolve, reject) => {
      send = () => trust.record(toInvalidation({ keys, tags, prefixes })).then(resolve, reject);
    });
    return { keys, tags, prefixes, unsettled: 0, written, send: () => send() };
  }

  function pauseMs(): number {
    const nowMs = performance.now();
    sentAtMs = sentAtMs.filter((atMs) => nowMs - atMs < windowMs);
    return sentAtMs.length < freeRows ? 0 : gatherMs;
  }

  async function sendAll(): Promise<void> {
    isSending = true;
    while (open !== undefined) {
      const ms = pauseMs();
      if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
      const row = open;
      open = undefined;
      sentAtMs.push(performance.now());
      await row.send();
    }
    isSending = false;
  }

  return {
    async write(what) {
      const row = (open ??= begin());
      for (const key of what.keys ?? []) row.keys.add(key);
      for (const tag of what.tags ?? []) row.tags.add(tag);
      for (const prefix of what.prefixes ?? []) row.prefixes.add(prefix);
      row.unsettled += 1;
      if (!isSending) void sendAll();
      const id = await row.written;
      return {
        settle() {
          row.unsettled -= 1;
          if (row.unsettled === 0) trust.settle(id);
        },
      };
    },
  };
}

function toInvalidation({ keys, tags, prefixes }: Pick<Row, "keys" | "tags" | "prefixes">): What {
  return {
    ...(keys.size > 0 ? { keys: [...keys] } : {}),
    ...(tags.size > 0 ? { tags: [...tags] } : {}),
    ...(prefixes.size > 0 ? { prefixes: [...prefixes] } : {}),
  };
}
