import { isFinalEvent, type GenerationEvent } from "@vibe-friend/contracts/generation-event";
import { isEnded, type GenerationStatus } from "@vibe-friend/contracts/generation";

/** One reader of one generation's events: passes each on once and in order, and knows when it was the last. */
export interface EventFollower {
  /** The `seq` up to which everything was taken. */
  lastSeq(): number;
  /** `gap`: events before this one are missing, so it was not taken. */
  accept(event: GenerationEvent): "taken" | "seen" | "gap";
  /** A subscription was asked for: until it is acknowledged nobody knows where the log ends. */
  expectAcknowledgement(): void;
  acknowledge(position: { readonly status: GenerationStatus; readonly lastSeq: number }): void;
  fail(error: Error): void;
  end(): void;
  /** The log is known to be longer than what was taken, or it isn't known how long it is. */
  isBehind(): boolean;
  events(): AsyncGenerator<GenerationEvent, void, undefined>;
}

/**
 * A final event ends the stream only where the log ends: a generation that failed and was retried has one
 * in the middle.
 *
 * @param after the last `seq` that the reader has, 0 for none
 */
export function createEventFollower(after: number): EventFollower {
  const waiting: GenerationEvent[] = [];
  let lastSeq = after;
  let knownSeq = after;
  let acknowledged = false;
  let atFinalEvent = false;
  let done = false;
  let failure: Error | undefined;
  let wake: (() => void) | undefined;

  function finish(error?: Error): void {
    if (done) return;
    done = true;
    failure = error;
    wake?.();
  }

  function endWhereTheLogEnds(): void {
    if (acknowledged && atFinalEvent && lastSeq >= knownSeq) finish();
  }

  return {
    lastSeq: () => lastSeq,
    accept(event) {
      knownSeq = Math.max(knownSeq, event.seq);
      if (event.seq <= lastSeq || done) return "seen";
      if (event.seq > lastSeq + 1) return "gap";
      lastSeq = event.seq;
      atFinalEvent = isFinalEvent(event);
      waiting.push(event);
      wake?.();
      endWhereTheLogEnds();
      return "taken";
    },
    expectAcknowledgement() {
      acknowledged = false;
    },
    acknowledge(position) {
      acknowledged = true;
      knownSeq = Math.max(knownSeq, position.lastSeq);
      if (position.lastSeq === lastSeq && isEnded(position.status)) atFinalEvent = true;
      endWhereTheLogEnds();
    },
    fail: finish,
    end: finish,
    isBehind: () => !done && (!acknowledged || knownSeq > lastSeq),
    async *events() {
      for (;;) {
        const event = waiting.shift();
        if (event !== undefined) {
          yield event;
          continue;
        }
        if (failure !== undefined) throw failure;
        if (done) return;
        await new Promise<void>((resolve) => (wake = resolve));
        wake = undefined;
      }
    },
  };
}
