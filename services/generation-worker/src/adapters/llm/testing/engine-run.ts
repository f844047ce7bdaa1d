import { createHash } from "node:crypto";
import type { CompletedFile, EngineError, EngineEvent } from "../../../domain/generation-engine";

export interface TestFile {
  readonly path: string;
  readonly content: string;
}

export interface EngineRun {
  readonly events: readonly EngineEvent[];
  /** The files as a reader of the events has them, completed ones only, those of an earlier attempt first. */
  readonly files: readonly TestFile[];
  readonly error: EngineError | undefined;
}

/** Reads a run to its end, or to its error. */
export async function collectRun(
  source: AsyncIterable<EngineEvent>,
  earlier: readonly TestFile[] = [],
): Promise<EngineRun> {
  const events: EngineEvent[] = [];
  let error: EngineError | undefined;
  try {
    for await (const event of source) events.push(event);
  } catch (thrown) {
    error = thrown as EngineError;
  }
  return { events, files: filesOf(events, earlier), error };
}

/** Puts the files together, and checks the order of their events. */
export function filesOf(events: readonly EngineEvent[], earlier: readonly TestFile[] = []): TestFile[] {
  const completed = new Map(earlier.map(({ path, content }) => [path, content]));
  let open: { path: string; parts: string[] } | undefined;
  for (const event of events) {
    if (event.type === "file:opened") {
      open = { path: event.path, parts: [] };
      completed.delete(event.path);
    } else if (event.type === "file:delta" || event.type === "file:completed") {
      if (open?.path !== event.path) throw new Error(`${event.type} of ${event.path}, which isn't open`);
      if (event.type === "file:delta") open.parts.push(event.text);
      else {
        completed.set(event.path, open.parts.join(""));
        open = undefined;
      }
    }
  }
  return [...completed].map(([path, content]) => ({ path, content }));
}

export function eventsOf<Type extends EngineEvent["type"]>(
  { events }: Pick<EngineRun, "events">,
  type: Type,
): Extract<EngineEvent, { type: Type }>[] {
  return events.filter((event): event is Extract<EngineEvent, { type: Type }> => event.type === type);
}

/** What the person was told, as "level: message". */
export function logOf(run: Pick<EngineRun, "events">): string[] {
  return eventsOf(run, "log").map(({ level, message }) => `${level}: ${message}`);
}

/** A file as an earlier attempt left it. */
export function completedFile({ path, content }: TestFile): CompletedFile {
  const sha256 = createHash("sha256").update(content).digest("hex");
  return { path, bytes: Buffer.byteLength(content), sha256, readContent: () => Promise.resolve(content) };
}
