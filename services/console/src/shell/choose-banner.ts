import type { LiveStatus } from "@vibe-friend/client/live-feed";

export interface Banner {
  readonly mode: "reconnecting" | "degraded" | "recovering";
  readonly tone: "warning" | "calm";
  readonly text: string;
  readonly since: string | undefined;
}

/** What to say about the connection and the system's mode; undefined while there is nothing to say. */
export function chooseBanner({ connection, system }: LiveStatus): Banner | undefined {
  if (connection === "reconnecting") {
    return {
      mode: "reconnecting",
      tone: "warning",
      text: "Reconnecting… Your work goes on, and what you miss is shown when we are back.",
      since: undefined,
    };
  }
  if (system === undefined || system.mode === "normal") return undefined;
  if (system.mode === "recovering") {
    return {
      mode: "recovering",
      tone: "calm",
      text: "Getting back to full speed. Everything works.",
      since: undefined,
    };
  }
  return {
    mode: "degraded",
    tone: "calm",
    text: "Running without the fast path. Everything works and nothing is lost, some things take a little longer.",
    since: system.since,
  };
}
