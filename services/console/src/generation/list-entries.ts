import type { FileState, GenerationView } from "@vibe-friend/client/generation-view";
import { isEnded, type GenerationFile, type GenerationStatus } from "@vibe-friend/contracts/generation";

/** `partial`: what an ended run left in its middle. */
export type ShownState = FileState | "partial";

export type FileEntry = readonly [path: string, state: ShownState];

/** What the events have told; of an ended generation the stored list, once it is there, which is what is kept. */
export function listEntries(
  view: GenerationView,
  status: GenerationStatus,
  stored: readonly GenerationFile[] | undefined,
): readonly FileEntry[] {
  if (!isEnded(status)) return [...view.files.values()].map(({ path, state }) => [path, state]);
  if (stored !== undefined)
    return stored.map(({ path, partial }) => [path, partial ? "partial" : "complete"]);
  return [...view.files.values()].map(({ path, state }) => [path, state === "complete" ? state : "partial"]);
}
