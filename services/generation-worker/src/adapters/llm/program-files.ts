import { EngineError } from "../../domain/generation-engine";
import type { LlmLimits } from "./limits";

export interface ProgramFile {
  readonly path: string;
  readonly content: string;
}

/** What is known of a file without its text. */
export interface KnownFile {
  readonly path: string;
  /** UTF-8 */
  readonly bytes: number;
}

/** The files of one generation across all answers of the model. Holds the text of the open one only. */
export interface ProgramFiles {
  /** @throws {EngineError} output_too_large; output_invalid where a file and a folder have one name */
  open(path: string): void;
  /**
   * @returns the path of the open file
   * @throws {EngineError} output_too_large
   */
  append(text: string): string;
  /** @returns the file that was open */
  complete(): ProgramFile;
  /** Leaves the open file behind, if there is one. It has to come again. */
  abandon(): void;
  completedCount(): number;
  /** Oldest first. */
  completedPaths(): readonly string[];
  isCompleted(path: string): boolean;
  /** Opened, but never completed since. While there is one, the program isn't whole. */
  unfinished(): readonly string[];
}

/** @param earlier files that an earlier run completed */
export function createProgramFiles(limits: LlmLimits, earlier: readonly KnownFile[] = []): ProgramFiles {
  /** path → bytes */
  const completed = new Map(earlier.map(({ path, bytes }) => [path, bytes]));
  const unfinished = new Set<string>();
  /** Every folder that a file is or was to be in. */
  const folders = new Set(earlier.flatMap(({ path }) => foldersOf(path)));
  let open: { path: string; parts: string[]; bytes: number } | undefined;
  let completedBytes = earlier.reduce((sum, { bytes }) => sum + bytes, 0);

  function tooLarge(what: string): never {
    throw new EngineError("output_too_large", what, { retryable: false });
  }

  function refuseFolderClash(path: string): void {
    const isFile = (name: string): boolean => completed.has(name) || unfinished.has(name);
    const clash = folders.has(path) ? path : foldersOf(path).find(isFile);
    if (clash === undefined) return;
    const message = `The model wrote ${JSON.stringify(path)}, but ${JSON.stringify(clash)} can't be both a file and a folder.`;
    throw new EngineError("output_invalid", message, { retryable: false });
  }

  return {
    open(path) {
      refuseFolderClash(path);
      for (const folder of foldersOf(path)) folders.add(folder);
      completedBytes -= completed.get(path) ?? 0;
      completed.delete(path);
      unfinished.add(path);
      if (completed.size + unfinished.size > limits.maxFiles) {
        tooLarge(`The program has more than ${limits.maxFiles} files.`);
      }
      open = { path, parts: [], bytes: 0 };
    },
    append(text) {
      if (open === undefined) throw new Error("no file is open");
      open.parts.push(text);
      open.bytes += Buffer.byteLength(text);
      if (open.bytes > limits.maxFileBytes) {
        tooLarge(`The file ${JSON.stringify(open.path)} is larger than ${limits.maxFileBytes} bytes.`);
      }
      if (completedBytes + open.bytes > limits.maxTotalBytes) {
        tooLarge(`The program is larger than ${limits.maxTotalBytes} bytes.`);
      }
      return open.path;
    },
    complete() {
      if (open === undefined) throw new Error("no file is open");
      const { path, parts, bytes } = open;
      completed.set(path, bytes);
      completedBytes += bytes;
      unfinished.delete(path);
      open = undefined;
      return { path, content: parts.join("") };
    },
    abandon() {
      open = undefined;
    },
    completedCount: () => completed.size,
    completedPaths: () => [...completed.keys()],
    isCompleted: (path) => completed.has(path),
    unfinished: () => [...unfinished],
  };
}

/** "a" and "a/b" of "a/b/c.ts". */
function foldersOf(path: string): string[] {
  const parts = path.split("/");
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join("/"));
}
