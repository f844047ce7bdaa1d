import type { ProgramFile } from "./program-files";

/**
 * The texts that a model which goes on is shown again: of the files completed last, as many as there is room
 * for.
 */
export interface ShownFiles {
  keep(file: ProgramFile): void;
  forget(path: string): void;
  /** Oldest first. */
  list(): readonly ProgramFile[];
}

export function createShownFiles(maxCharacters: number): ShownFiles {
  const kept = new Map<string, string>();
  let characters = 0;

  function forget(path: string): void {
    characters -= kept.get(path)?.length ?? 0;
    kept.delete(path);
  }

  return {
    keep({ path, content }) {
      forget(path);
      if (content.length > maxCharacters) return;
      kept.set(path, content);
      characters += content.length;
      for (const oldest of kept.keys()) {
        if (characters <= maxCharacters) return;
        forget(oldest);
      }
    },
    forget,
    list: () => [...kept].map(([path, content]) => ({ path, content })),
  };
}
