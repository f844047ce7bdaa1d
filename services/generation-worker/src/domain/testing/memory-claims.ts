import type { GenerationEvent, GenerationEventBody } from "@vibe-friend/contracts/generation-event";
import { StoreUnavailable } from "../errors";
import type {
  ClaimedGeneration,
  ClaimStore,
  EventBatch,
  Hold,
  ResultFile,
  StoredFile,
  WrittenBatch,
} from "../ports";

export interface MemoryRow {
  readonly id: string;
  prompt: string;
  engine: string;
  status: "queued" | "running" | "completed" | "failed" | "cancelled";
  attempt: number;
  claimToken: number;
  leaseEndsAt: number;
  queuedAt: number;
  openForMs: number;
  runAfter: number;
  events: GenerationEvent[];
  /** saved, in the order they closed */
  files: readonly ResultFile[];
}

interface Faults {
  away: boolean;
  /** writes that are done, but whose answer is lost */
  lost: number;
  refuse: (body: GenerationEventBody) => boolean;
}

/** The rows in memory with the same fence as in Postgres, and faults on demand. */
export function createMemoryClaims({ leaseMs = 6000, maxAttempts = 3 } = {}) {
  const rows = new Map<string, MemoryRow>();
  const statements: string[] = [];
  const fault: Faults = { away: false, lost: 0, refuse: () => false };

  async function statement<T>(name: string, work: () => T): Promise<T> {
    statements.push(name);
    await new Promise((resolve) => setImmediate(resolve));
    if (fault.away) throw new StoreUnavailable();
    const answer = work();
    if (fault.lost > 0) {
      fault.lost -= 1;
      throw new StoreUnavailable();
    }
    return answer;
  }

  function held({ id, claimToken }: Hold): MemoryRow | undefined {
    const row = rows.get(id);
    return row?.status === "running" && row.claimToken === claimToken ? row : undefined;
  }

  function append(row: MemoryRow, bodies: readonly GenerationEventBody[]): WrittenBatch {
    const seqFrom = row.events.length + 1;
    const at = new Date().toISOString();
    const events = bodies.map((body, index): GenerationEvent => ({
      generationId: row.id,
      seq: seqFrom + index,
      at,
      ...body,
    }));
    row.events.push(...events);
    return { generationId: row.id, seqFrom, seqTo: row.events.length, events };
  }

  function save(row: MemoryRow, { saved, dropped }: Pick<EventBatch, "saved" | "dropped">): void {
    const gone = new Set([...dropped, ...saved.map(({ path }) => path)]);
    row.files = [...row.files.filter(({ path }) => !gone.has(path)), ...saved];
  }

  function take(row: MemoryRow): ClaimedGeneration {
    row.status = "running";
    row.attempt += 1;
    row.claimToken += 1;
    row.leaseEndsAt = performance.now() + leaseMs;
    const { id, claimToken, prompt, engine, attempt } = row;
    const completedFiles = row.files.map(({ path, bytes, sha256 }) => ({ path, bytes, sha256 }));
    const claimed = { id, claimToken, prompt, engine, attempt, completedFiles };
    return { ...claimed, model: null, lastSeq: row.events.length, openForMs: row.openForMs };
  }

  const isWaiting = (row: MemoryRow) => row.status === "queued" && row.runAfter <= performance.now();

  const store: ClaimStore = {
    claim: (id) =>
      statement("claim", () => {
        const row = rows.get(id);
        return row && isWaiting(row) ? take(row) : undefined;
      }),
    claimNext: ({ queuedForMs = 0 } = {}) =>
      statement("claimNext", () => {
        const before = performance.now() - queuedForMs;
        const row = [...rows.values()].find(
          (each) => isWaiting(each) && (each.queuedAt <= before || each.claimToken > 0),
        );
        return row && take(row);
      }),
    heartbeat: (holds) =>
      statement("heartbeat", () =>
        holds.filter((hold) => {
          const row = held(hold);
          if (row) row.leaseEndsAt = performance.now() + leaseMs;
          return row !== undefined;
        }),
      ),
    appendEvents: (batches) =>
      statement("appendEvents", () => {
        if (batches.some(({ events }) => events.some(fault.refuse))) throw new Error("invalid input syntax");
        const written: WrittenBatch[] = [];
        const fenced: Hold[] = [];
        for (const batch of batches) {
          const { hold, afterSeq, events } = batch;
          const row = held(hold);
          if (!row) fenced.push(hold);
          else if (row.events.length === afterSeq) {
            save(row, batch);
            written.push(append(row, events));
          } else {
            const found = row.events.slice(afterSeq);
            written.push({
              generationId: hold.id,
              seqFrom: afterSeq + 1,
              seqTo: row.events.length,
              events: found,
            });
          }
        }
        return { written, fenced };
      }),
    complete: (hold, { files, events }) =>
      statement("complete", () => {
        const row = held(hold);
        if (!row) return undefined;
        const describe = (all: readonly StoredFile[]) =>
          all.map(({ path, sha256 }) => `${sha256} ${path}`).sort();
        if (describe(files).join() !== describe(row.files).join()) throw new Error("other files are saved");
        row.status = "completed";
        return append(row, [...events, { type: "completed", files: files.length }]);
      }),
    readFile: (id, { path, sha256 }) =>
      statement("readFile", () => {
        const file = rows.get(id)?.files.find((each) => each.path === path && each.sha256 === sha256);
        if (!file) throw new Error("there is no such file");
        return file.content;
      }),
    fail: (hold, { problem, events, retryAfterMs, isCounted = true }) =>
      statement("fail", () => {
        const row = held(hold);
        if (!row) return { kind: "fenced" };
        if (retryAfterMs !== undefined && (!isCounted || row.attempt < maxAttempts)) {
          row.status = "queued";
          row.attempt -= isCounted ? 0 : 1;
          row.runAfter = performance.now() + retryAfterMs;
          return { kind: "requeued", written: events.length > 0 ? append(row, events) : undefined };
        }
        row.status = "failed";
        return { kind: "failed", written: append(row, [...events, { type: "failed", problem }]) };
      }),
    handBack: (hold) =>
      statement("handBack", () => {
        const row = held(hold);
        if (!row) return false;
        row.status = "queued";
        row.attempt -= 1;
        return true;
      }),
    returnLost: (known) =>
      statement("returnLost", () => {
        const isKnown = (row: MemoryRow) =>
          known.some(({ id, claimToken }) => id === row.id && claimToken === row.claimToken);
        const lost = [...rows.values()].filter((row) => row.status === "running" && !isKnown(row));
        for (const row of lost) {
          row.status = "queued";
          row.attempt -= 1;
          row.claimToken += 1;
        }
        return lost;
      }),
    sweep: () =>
      statement("sweep", () => {
        const lost = [...rows.values()].filter(
          (row) => row.status === "running" && row.leaseEndsAt < performance.now(),
        );
        const requeued = lost.filter((row) => row.attempt < maxAttempts);
        for (const row of requeued) row.status = "queued";
        const problem = { code: "worker_lost", title: "The worker was lost" };
        const failed = lost
          .filter((row) => row.attempt >= maxAttempts)
          .map((row) => {
            row.status = "failed";
            return append(row, [{ type: "failed", problem }]);
          });
        return { requeued, failed };
      }),
  };

  return {
    store,
    statements,
    fault,
    submit(id: string, engine = "scripted"): MemoryRow {
      const row: MemoryRow = {
        id,
        prompt: "a shop with products",
        engine,
        status: "queued",
        attempt: 0,
        claimToken: 0,
        leaseEndsAt: 0,
        queuedAt: performance.now(),
        openForMs: 0,
        runAfter: 0,
        events: [],
        files: [],
      };
      append(row, [{ type: "queued" }]);
      rows.set(id, row);
      return row;
    },
    cancel(id: string): void {
      const row = rows.get(id);
      if (!row) return;
      row.status = "cancelled";
      row.claimToken += 1;
      append(row, [{ type: "cancelled" }]);
    },
  };
}
