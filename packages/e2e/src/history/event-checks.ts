import { createHash } from "node:crypto";
import { isFinalEvent, type GenerationEvent } from "@vibe-friend/contracts/generation-event";

/** What is wrong with a subscriber's history, in words; empty when nothing is. */
export function findFaults(events: readonly GenerationEvent[], generationId: string): string[] {
  const faults: string[] = [];
  events.forEach((event, index) => {
    if (event.generationId !== generationId) faults.push(`event ${event.seq} is of ${event.generationId}`);
    if (event.seq !== index + 1) faults.push(`event ${index + 1} has seq ${event.seq}`);
  });
  const ends = events.filter((event) => isFinalEvent(event));
  if (ends.length !== 1) faults.push(`${ends.length} final events`);
  else if (events.at(-1) !== ends[0]) faults.push("events after the final one");
  return faults;
}

/** Where a subscriber's history isn't the log, word for word; the log is that of Postgres. */
export function findDifferences(seen: readonly GenerationEvent[], log: readonly GenerationEvent[]): string[] {
  const faults: string[] = [];
  const logged = new Map(log.map((event) => [event.seq, JSON.stringify(withoutTime(event))]));
  const counts = new Map<number, number>();
  let last = 0;
  for (const event of seen) {
    counts.set(event.seq, (counts.get(event.seq) ?? 0) + 1);
    if (event.seq < last) faults.push(`seq ${event.seq} came after ${last}`);
    last = event.seq;
    if (logged.get(event.seq) === undefined) faults.push(`seq ${event.seq} is not in the log`);
    else if (logged.get(event.seq) !== JSON.stringify(withoutTime(event)))
      faults.push(`seq ${event.seq} says something else than the log`);
  }
  for (const { seq } of log) {
    const count = counts.get(seq) ?? 0;
    if (count === 0) faults.push(`seq ${seq} was missed`);
    if (count > 1) faults.push(`seq ${seq} came ${count} times`);
  }
  return faults;
}

/** The order of an event's fields says nothing. */
function withoutTime(event: GenerationEvent): [string, unknown][] {
  return Object.entries(event)
    .filter(([key]) => key !== "at")
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The files that a subscriber has seen, by path, as a browser would have put them together. */
export function assembleFiles(events: readonly GenerationEvent[]): Map<string, string> {
  const files = new Map<string, string>();
  for (const event of events) {
    if (event.type === "file:opened") files.set(event.path, "");
    if (event.type === "file:delta") files.set(event.path, (files.get(event.path) ?? "") + event.text);
  }
  return files;
}

/** The numbers of the attempts that were started. */
export function attemptsOf(events: readonly GenerationEvent[]): number[] {
  return events.flatMap((event) => (event.type === "started" ? [event.attempt] : []));
}

/** A file as Postgres holds it. */
export interface StoredFile {
  readonly path: string;
  readonly content: string;
  readonly bytes: number;
  readonly sha256: string;
  /** what a run that ended too soon had written of it */
  readonly partial: boolean;
}

/** Where stored files, the text that events carried and the digests that events named are not the same. */
export function findResultFaults(log: readonly GenerationEvent[], stored: readonly StoredFile[]): string[] {
  const faults: string[] = [];
  const assembled = assembleFiles(log);
  const closed = new Map<string, { bytes: number; sha256: string } | undefined>();
  for (const event of log) {
    if (event.type === "file:opened") closed.set(event.path, undefined);
    if (event.type === "file:completed") closed.set(event.path, event);
  }
  for (const file of stored) {
    const { path, content } = file;
    const sha256 = createHash("sha256").update(content).digest("hex");
    if (sha256 !== file.sha256 || Buffer.byteLength(content) !== file.bytes)
      faults.push(`${path} is not what its row says`);
    if (assembled.get(path) !== content) faults.push(`${path} is not what its events said`);
    const completed = closed.get(path);
    if (!file.partial && completed === undefined) faults.push(`${path} was never completed in the log`);
    if (!file.partial && completed !== undefined && completed.sha256 !== sha256)
      faults.push(`${path} has another digest in the log`);
    if (file.partial && completed !== undefined) faults.push(`${path} is complete, but marked partial`);
  }
  const paths = new Set(stored.map(({ path }) => path));
  for (const [path, completed] of closed) {
    if (completed !== undefined && !paths.has(path)) faults.push(`${path} was completed, but is not stored`);
  }
  const end = log.at(-1);
  if (end?.type === "completed") {
    if (end.files !== stored.length) faults.push(`${stored.length} files are stored, ${end.files} were said`);
    if (stored.some(({ partial }) => partial)) faults.push("a completed program has a partial file");
  }
  return faults;
}

/** Generations that were acknowledged and have not ended, or were never heard of again. */
export function findLost(
  acknowledged: readonly string[],
  statuses: ReadonlyMap<string, string>,
): { readonly lost: string[]; readonly open: string[] } {
  const ended = ["completed", "failed", "cancelled"];
  return {
    lost: acknowledged.filter((id) => !statuses.has(id)),
    open: acknowledged.filter((id) => statuses.has(id) && !ended.includes(statuses.get(id) ?? "")),
  };
}
