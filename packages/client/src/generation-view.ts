import type { GenerationEvent } from "@vibe-friend/contracts/generation-event";
import type { GenerationStatus } from "@vibe-friend/contracts/generation";
import type { GenerationProblem } from "@vibe-friend/contracts/problem";

/** `stale`: begun by a run that ended, and not begun again yet. */
export type FileState = "open" | "complete" | "stale";

export interface FileView {
  readonly path: string;
  readonly text: string;
  readonly state: FileState;
}

export interface LogLine {
  readonly seq: number;
  readonly at: string;
  readonly level: "info" | "warn" | "error";
  readonly message: string;
}

/** What a person sees of a generation, made from its events alone. */
export interface GenerationView {
  readonly lastSeq: number;
  readonly status: GenerationStatus;
  /** Percent. */
  readonly progress: number;
  readonly stage: string;
  readonly attempt: number;
  readonly files: ReadonlyMap<string, FileView>;
  /** The file that was opened last. */
  readonly newestPath: string | undefined;
  readonly log: readonly LogLine[];
  readonly problem: GenerationProblem | undefined;
}

export const emptyGenerationView: GenerationView = {
  lastSeq: 0,
  status: "queued",
  progress: 0,
  stage: "",
  attempt: 0,
  files: new Map(),
  newestPath: undefined,
  log: [],
  problem: undefined,
};

type Draft = { -readonly [Key in keyof GenerationView]: GenerationView[Key] } & {
  files: Map<string, FileView>;
  log: LogLine[];
};

/** The view after one more event. */
export function applyEvent(view: GenerationView, event: GenerationEvent): GenerationView {
  return applyEvents(view, [event]);
}

/**
 * The view after more events, in order. Those that it has seen already are skipped, so overlapping
 * deliveries do no harm. Copies once, however many they are; files that didn't change stay the same object.
 */
export function applyEvents(view: GenerationView, events: readonly GenerationEvent[]): GenerationView {
  const news = events.filter((event) => event.seq > view.lastSeq);
  if (news.length === 0) return view;
  const draft: Draft = { ...view, files: new Map(view.files), log: [...view.log] };
  for (const event of news) {
    if (event.seq <= draft.lastSeq) continue;
    draft.lastSeq = event.seq;
    advance(draft, event);
  }
  return draft;
}

function advance(draft: Draft, event: GenerationEvent): void {
  switch (event.type) {
    case "queued":
      requeue(draft);
      return;
    case "started":
      draft.status = "running";
      draft.attempt = event.attempt;
      outdate(draft);
      return;
    case "progress":
      draft.progress = event.percent;
      draft.stage = event.stage;
      return;
    case "file:opened":
      draft.newestPath = event.path;
      draft.files.set(event.path, { path: event.path, text: "", state: "open" });
      return;
    case "file:delta":
      draft.files.set(event.path, {
        path: event.path,
        text: (draft.files.get(event.path)?.text ?? "") + event.text,
        state: "open",
      });
      return;
    case "file:completed":
      draft.files.set(event.path, {
        path: event.path,
        text: draft.files.get(event.path)?.text ?? "",
        state: "complete",
      });
      return;
    case "log":
      draft.log.push({ seq: event.seq, at: event.at, level: event.level, message: event.message });
      return;
    case "completed":
      draft.progress = 100;
      complete(draft);
      return;
    case "failed":
      draft.problem = event.problem;
      draft.status = "failed";
      outdate(draft);
      return;
    case "cancelled":
      draft.status = "cancelled";
      outdate(draft);
      return;
  }
}

/** The first event of all, or the beginning of a retry, which goes on after the files that are complete. */
function requeue(draft: Draft): void {
  draft.status = "queued";
  draft.progress = 0;
  draft.stage = "";
  draft.problem = undefined;
  outdate(draft);
}

/** What no run finished is no part of the result. */
function complete(draft: Draft): void {
  draft.status = "completed";
  for (const [path, file] of draft.files) if (file.state !== "complete") draft.files.delete(path);
  if (draft.newestPath !== undefined && !draft.files.has(draft.newestPath)) {
    draft.newestPath = [...draft.files.keys()].at(-1);
  }
}

function outdate(draft: Draft): void {
  for (const [path, file] of draft.files) {
    if (file.state === "open") draft.files.set(path, { ...file, state: "stale" });
  }
}
