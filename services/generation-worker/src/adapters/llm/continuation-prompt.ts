import { encodeFile } from "./file-protocol";
import { countFiles } from "./narrator";
import type { ProgramFile } from "./program-files";
import type { BrokenFile } from "./repairs";

/** What the list of saved files may take up of a message, in characters. */
const MAX_LISTED_CHARACTERS = 60_000;

/** What a model that has answered before is asked for. */
export interface Task {
  readonly saved: readonly string[];
  /** Begun, but cut off. */
  readonly unfinished: readonly string[];
  /** Came whole, but can't be used. Where there are some, nothing else is asked for. */
  readonly broken: readonly BrokenFile[];
}

/** Files of earlier answers, as the model should have written them. */
export function renderFiles(nonce: string, files: readonly ProgramFile[]): string {
  return files.map((file) => encodeFile(nonce, file)).join("");
}

/** Asks for the rest after an answer that was cut off, or again for files that can't be used. */
export function createContinuationPrompt(nonce: string, task: Task): string {
  return task.broken.length > 0 ? askForRepair(nonce, task.broken) : askForRest(nonce, task);
}

function askForRepair(nonce: string, broken: readonly BrokenFile[]): string {
  return `All files of your answer are saved, but some can't be used as they are.
Write again, each in full, from its first line to its last, with nothing left out and nothing else changed:
${broken.map(({ path, fault }) => `- ${path}: ${fault}`).join("\n")}
Write only these files, each as a block:
${describeBlocks(nonce)}`;
}

function askForRest(nonce: string, { saved, unfinished }: Task): string {
  const parts =
    saved.length === 0
      ? [
          "No file of your answer has arrived whole, so nothing is saved yet. Begin with the first file at once.",
        ]
      : [`Your answer was cut off; what arrived whole is saved.`, listSaved(saved)];
  if (unfinished.length > 0) {
    parts.push(
      `Write again first, each in full from its first line, since it was cut off and isn't saved (make it short enough for one answer; parts of it can move into files of their own):`,
      unfinished.map((path) => `- ${path}`).join("\n"),
    );
  }
  parts.push(
    "Now write every file that is still missing, and only those, each as a block:",
    describeBlocks(nonce),
  );
  if (saved.length > 0 && unfinished.length === 0) {
    parts.push(`If nothing is missing, write only @@DONE ${nonce} {"files":0}`);
  }
  return parts.join("\n");
}

function listSaved(saved: readonly string[]): string {
  const lines: string[] = [];
  let room = MAX_LISTED_CHARACTERS;
  for (const path of saved) {
    room -= path.length + 3;
    if (room < 0) break;
    lines.push(`- ${path}`);
  }
  const more = saved.length - lines.length;
  if (more > 0) lines.push(`… and ${more} more`);
  return `Saved (${countFiles(saved.length)}); don't write these again:\n${lines.join("\n")}`;
}

function describeBlocks(nonce: string): string {
  return `@@FILE ${nonce} {"path":"...","op":"write"}
its whole text
@@END ${nonce}
and at the end one line with the number of files in this answer:
@@DONE ${nonce} {"files":n}`;
}
