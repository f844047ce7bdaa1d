import type { GenerationEventBody } from "@vibe-friend/contracts/generation-event";
import { createEventBuffer } from "./event-buffer";
import type { EventBatch, ResultFile, WrittenBatch } from "./ports";
import type { Run } from "./running-generations";
import type { Said } from "./transcript";

/** Above this the engine has to wait. About bytes. */
const HIGH_WATER = 512 * 1024;
/** What one run may put into one statement. About bytes. */
const MAX_BATCH = 128 * 1024;

/** The way of one run's events into the log. */
export interface EventLane {
  /** A file is stored with the batch that holds its `file:completed`, and forgotten here. */
  append(said: Said): void;
  /** Resolves when there is room for more. Rejects with the reason when the run is stopped. */
  room(): Promise<void>;
  /**
   * Resolves when everything appended is stored; rejects when the run is stopped for a reason that ends writing,
   * and with the reason of `signal` when that is aborted first.
   */
  flush(signal?: AbortSignal): Promise<void>;
  close(): void;
}

/** The writer's side of a lane. */
export interface LaneState extends EventLane {
  readonly run: Run;
  /** The batch to store next; the same one until it is confirmed or dropped. */
  batch(): EventBatch | undefined;
  confirm(written: WrittenBatch): void;
  /** Nothing of this lane will be stored any more. */
  break(error: Error): void;
}

/** @param onWork called when the lane has something to store; `urgent`: somebody waits for it */
export function createEventLane(
  run: Run,
  { onWork, onClose }: { onWork: (urgent: boolean) => void; onClose: () => void },
): LaneState {
  const buffer = createEventBuffer();
  /** By the `file:completed` that waits in the buffer. */
  const files = new Map<GenerationEventBody, ResultFile>();
  let inFlight: EventBatch | undefined;
  let lastSeq = run.claimed.lastSeq;
  let broken: Error | undefined;
  const waiting = new Set<() => void>();

  const isIdle = () => inFlight === undefined && buffer.isEmpty();

  function wakeAll(): void {
    for (const wake of [...waiting]) wake();
    waiting.clear();
  }

  async function until(condition: () => boolean, signal?: AbortSignal): Promise<void> {
    signal?.addEventListener("abort", wakeAll, { once: true });
    try {
      while (!condition()) {
        if (broken) throw broken;
        signal?.throwIfAborted();
        await new Promise<void>((resolve) => waiting.add(resolve));
      }
    } finally {
      signal?.removeEventListener("abort", wakeAll);
    }
    if (broken) throw broken;
  }

  /** The last that the events say of a file counts. */
  function toBatch(events: readonly GenerationEventBody[]): EventBatch {
    const saved = new Map<string, ResultFile>();
    const dropped = new Set<string>();
    for (const event of events) {
      if (event.type === "file:opened") {
        saved.delete(event.path);
        dropped.add(event.path);
      }
      const file = files.get(event);
      if (!file) continue;
      files.delete(event);
      dropped.delete(file.path);
      saved.set(file.path, file);
    }
    return {
      hold: run.claimed,
      afterSeq: lastSeq,
      events,
      saved: [...saved.values()],
      dropped: [...dropped],
    };
  }

  return {
    run,
    append({ body, file }) {
      if (broken) return;
      buffer.add(body);
      if (file) files.set(body, file);
      onWork(false);
    },
    room: () => until(() => buffer.size() < HIGH_WATER, run.signal),
    async flush(signal) {
      if (!isIdle()) onWork(true);
      await until(isIdle, signal);
    },
    close() {
      onClose();
      wakeAll();
    },
    batch() {
      if (broken) return undefined;
      if (inFlight === undefined && !buffer.isEmpty()) {
        inFlight = toBatch(buffer.take(MAX_BATCH));
      }
      return inFlight;
    },
    confirm(written) {
      lastSeq = written.seqTo;
      inFlight = undefined;
      if (!buffer.isEmpty()) onWork(waiting.size > 0);
      wakeAll();
    },
    break(error) {
      broken ??= error;
      inFlight = undefined;
      buffer.clear();
      files.clear();
      wakeAll();
    },
  };
}
