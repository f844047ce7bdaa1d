import { judgeGeneration, type GenerationVerdict } from "./judge-generation";
import type { LiveSubscriber } from "./live-subscriber";
import type { StoredHistory } from "./read-stored";

/** What was promised in one phase of the drill, and what became of it. */
export interface GenerationAccount {
  readonly acknowledged: number;
  /** Completed, failed or cancelled. */
  readonly ended: number;
  readonly failed: number;
  /** Neither ended nor gone when the drill stopped waiting, or gone. */
  readonly lost: number;
  readonly doubled: number;
  readonly eventsChecked: number;
  readonly eventsMissed: number;
  readonly eventsRepeated: number;
  /** The same numbers, other contents. */
  readonly eventsChanged: number;
  /** In words, the first of them. */
  readonly faults: readonly string[];
}

interface Entry {
  readonly phase: string;
  readonly subscriber: LiveSubscriber;
  verdict?: GenerationVerdict;
  events: number;
}

const shownFaults = 20;

/** Remembers every generation that was acknowledged, until it has been held against Postgres. */
export class GenerationLedger {
  private readonly entries = new Map<string, Entry>();
  private readonly keys = new Set<string>();

  constructor(private readonly stored: StoredHistory) {}

  /** A key that was sent, acknowledged or not. */
  offer(key: string): void {
    this.keys.add(key);
  }

  acknowledge(id: string, phase: string, subscriber: LiveSubscriber): void {
    // A second try that was answered with what the first had made.
    if (this.entries.has(id)) return;
    this.entries.set(id, { phase, subscriber, events: 0 });
    subscriber.follow(id);
  }

  /** Which of the acknowledged have not ended; an empty list is what one waits for. */
  async findOpen(): Promise<string[]> {
    const unsettled = [...this.entries].filter(([, { verdict }]) => verdict === undefined).map(([id]) => id);
    return unsettled.length === 0 ? [] : this.stored.findOpen(unsettled);
  }

  /**
   * Holds what has ended against Postgres. What has not is left for the next time, unless it is the last: then it
   * is lost.
   */
  async settle(isLast = false): Promise<void> {
    const unsettled = [...this.entries].filter(([, { verdict }]) => verdict === undefined);
    const stored = await this.stored.read(unsettled.map(([id]) => id));
    for (const [id, entry] of unsettled) {
      const row = stored.get(id);
      const history = entry.subscriber.historyOf(id);
      const verdict = judgeGeneration(row, history);
      if (verdict.end === "open" && !isLast) continue;
      // The last events may still be on their way.
      if (verdict.eventsMissed > 0 && history?.endedAt === undefined && !isLast) continue;
      entry.verdict = verdict;
      entry.events = row?.lastSeq ?? 0;
      entry.subscriber.forget(id);
    }
  }

  /** Rows of these people that nobody asked for. */
  async countUnasked(userIds: readonly string[]): Promise<number> {
    const keys = await this.stored.listKeys(userIds);
    return [...keys.values()].filter((key) => !this.keys.has(key)).length;
  }

  readAccount(...phases: readonly string[]): GenerationAccount {
    const entries = [...this.entries].filter(([, entry]) => phases.includes(entry.phase));
    const verdicts = entries.map(([, { verdict }]) => verdict);
    const sum = (count: (verdict: GenerationVerdict) => number): number =>
      verdicts.reduce((total, verdict) => total + (verdict === undefined ? 0 : count(verdict)), 0);
    return {
      acknowledged: entries.length,
      ended: sum(({ end }) => (end === "open" || end === "lost" ? 0 : 1)),
      failed: sum(({ end }) => (end === "failed" ? 1 : 0)),
      lost: sum(({ end }) => (end === "open" || end === "lost" ? 1 : 0)),
      doubled: sum(({ isDoubled }) => (isDoubled ? 1 : 0)),
      eventsChecked: entries.reduce((total, [, { events }]) => total + events, 0),
      eventsMissed: sum(({ eventsMissed }) => eventsMissed),
      eventsRepeated: sum(({ eventsRepeated }) => eventsRepeated),
      eventsChanged: sum(({ isChanged }) => (isChanged ? 1 : 0)),
      faults: entries
        .flatMap(([id, { verdict }]) => verdict?.faults.map((fault) => `${id}: ${fault}`) ?? [])
        .slice(0, shownFaults),
    };
  }
}
