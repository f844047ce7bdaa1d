import { createHash } from "node:crypto";
import { isFinalEvent, type GenerationEventBody } from "@vibe-friend/contracts/generation-event";
import { createHistoryDigest } from "./canonical-event";
import type { ReceivedHistory } from "./received-history";

/** A generation as Postgres holds it. */
export interface StoredGeneration {
  readonly status: string;
  readonly lastSeq: number;
  /** The whole log, in order. */
  readonly events: readonly (GenerationEventBody & { readonly seq: number })[];
  readonly files: readonly { readonly path: string; readonly sha256: string }[];
}

/** What is to be said of one acknowledged generation and its subscriber. */
export interface GenerationVerdict {
  readonly end: "completed" | "failed" | "cancelled" | "open" | "lost";
  /** It has two ends, events after its end, or files that its log does not tell of. */
  readonly isDoubled: boolean;
  readonly eventsMissed: number;
  readonly eventsRepeated: number;
  /** The same numbers, but not the same events. */
  readonly isChanged: boolean;
  /** In words, for whoever looks into it. */
  readonly faults: readonly string[];
}

/**
 * @param stored undefined when there is no such row: then it is lost
 * @param received undefined when nobody was subscribed
 */
export function judgeGeneration(
  stored: StoredGeneration | undefined,
  received: ReceivedHistory | undefined,
): GenerationVerdict {
  if (stored === undefined) return { ...nothingWrong, end: "lost", faults: ["it is not in Postgres"] };
  const faults = findLogFaults(stored);
  const isOpen = stored.status === "queued" || stored.status === "running";
  const missed =
    received === undefined ? 0 : received.missed + Math.max(0, stored.lastSeq - received.lastSeq);
  const repeated = received?.repeated ?? 0;
  const isChanged =
    received !== undefined && missed === 0 && received.readDigest() !== digestOf(stored.events);
  return {
    end: isOpen ? "open" : (stored.status as GenerationVerdict["end"]),
    isDoubled: faults.length > 0,
    eventsMissed: isOpen ? (received?.missed ?? 0) : missed,
    eventsRepeated: repeated,
    isChanged: !isOpen && isChanged,
    faults: [
      ...faults,
      ...(missed > 0 && !isOpen ? [`its subscriber missed ${missed} of ${stored.lastSeq} events`] : []),
      ...(repeated > 0 ? [`its subscriber was sent ${repeated} events again`] : []),
      ...(isChanged && !isOpen ? ["its subscriber was sent other events than the log holds"] : []),
    ],
  };
}

const nothingWrong = { isDoubled: false, eventsMissed: 0, eventsRepeated: 0, isChanged: false } as const;

/** One log, numbered without gaps, with one end, and files that are exactly what it tells. */
function findLogFaults({ status, lastSeq, events, files }: StoredGeneration): string[] {
  const faults: string[] = [];
  if (events.length !== lastSeq || events.some(({ seq }, index) => seq !== index + 1)) {
    faults.push(`its log holds ${events.length} events, numbered otherwise than 1 to ${lastSeq}`);
  }
  if (status === "queued" || status === "running") return faults;
  const ends = events.filter((event) => isFinalEvent(event));
  if (ends.length !== 1) faults.push(`its log has ${ends.length} ends`);
  else if (events.at(-1) !== ends[0]) faults.push("its log goes on after its end");
  if (status !== "completed") return faults;
  const told = assembleFiles(events);
  for (const { path, sha256 } of files) {
    if (told.get(path) !== sha256) faults.push(`${path} is not what its log tells`);
  }
  if (told.size !== files.length) faults.push(`it has ${files.length} files, its log tells of ${told.size}`);
  return faults;
}

/** Digests of the files by path, put together from the log as a browser would. */
function assembleFiles(events: StoredGeneration["events"]): Map<string, string> {
  const parts = new Map<string, string[]>();
  for (const event of events) {
    if (event.type === "file:opened") parts.set(event.path, []);
    if (event.type === "file:delta") parts.get(event.path)?.push(event.text);
  }
  return new Map(
    [...parts].map(([path, texts]) => [path, createHash("sha256").update(texts.join("")).digest("hex")]),
  );
}

function digestOf(events: StoredGeneration["events"]): string {
  const digest = createHistoryDigest();
  for (const event of events) digest.add(event.seq, event);
  return digest.read();
}
