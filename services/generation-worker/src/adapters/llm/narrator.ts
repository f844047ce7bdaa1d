import type { EngineEvent } from "../../domain/generation-engine";
import { cutText } from "./well-formed-text";

const MAX_LINES = 20;
const MAX_LINE_LENGTH = 300;

/** "1 file", "2 files". */
export function countFiles(count: number): string {
  return count === 1 ? "1 file" : `${count} files`;
}

/** What the person reads beside the files: progress that never goes back, and a bounded number of remarks. */
export function createNarrator() {
  let percent = 0;
  let linesLeft = MAX_LINES;

  return {
    /**
     * The model doesn't say how many files there will be, so the figure comes nearer to the end with every
     * file and never reaches it.
     */
    progress(filesDone: number, stage: string): EngineEvent {
      const reached = filesDone === 0 ? 2 : 5 + Math.floor((90 * filesDone) / (filesDone + 6));
      percent = Math.max(percent, Math.min(95, reached));
      return { type: "progress", percent, stage };
    },
    info(message: string): EngineEvent {
      return { type: "log", level: "info", message };
    },
    warn(message: string): EngineEvent {
      return { type: "log", level: "warn", message };
    },
    /** Something the model said outside of its files; nothing once it has said enough. */
    remark(line: string): EngineEvent[] {
      const text = line.trim();
      if (text === "" || linesLeft === 0) return [];
      linesLeft -= 1;
      const message = text.length > MAX_LINE_LENGTH ? `${cutText(text, MAX_LINE_LENGTH)}…` : text;
      return [{ type: "log", level: "info", message }];
    },
  };
}

export type Narrator = ReturnType<typeof createNarrator>;
