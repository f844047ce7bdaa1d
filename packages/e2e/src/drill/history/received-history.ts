import { isFinalEvent, type GenerationEventBody } from "@vibe-friend/contracts/generation-event";
import { createHistoryDigest } from "./canonical-event";

/** What one subscriber was sent of one generation, kept as counts: a drill sends millions. */
export class ReceivedHistory {
  /** The last one that came, or would have come had none been missing. */
  lastSeq = 0;
  /** Jumped over; each of them counts. */
  missed = 0;
  /** Came although they, or later ones, had come before. */
  repeated = 0;
  /** When the final one came; milliseconds since 1970. */
  endedAt: number | undefined;
  private readonly digest = createHistoryDigest();

  take(event: GenerationEventBody & { readonly seq: number }, at: number): void {
    if (event.seq <= this.lastSeq) {
      this.repeated += 1;
      return;
    }
    this.missed += event.seq - this.lastSeq - 1;
    this.lastSeq = event.seq;
    this.digest.add(event.seq, event);
    if (isFinalEvent(event)) this.endedAt = at;
  }

  readDigest(): string {
    return this.digest.read();
  }
}
