import type { GenerationEvent } from "@vibe-friend/contracts/generation-event";

/** What is wrong with a subscriber's history, in words; empty when nothing is. */
export function findFaults(events: readonly GenerationEvent[], generationId: string): string[] {
  const faults: string[] = [];
  events.forEach((event, index) => {
    if (event.generationId !== generationId) faults.push(`event ${event.seq} is of ${event.generationId}`);
    if (event.seq !== index + 1) faults.push(`event ${index + 1} has seq ${event.seq}`);
  });
  const ends = events.filter((event) => ["completed", "failed", "cancelled"].includes(event.type));
  if (ends.length !== 1) faults.push(`${ends.length} final events`);
  else if (events.at(-1) !== ends[0]) faults.push("events after the final one");
  return faults;
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
