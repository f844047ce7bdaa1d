import { EngineError } from "../../domain/generation-engine";
import type { LlmLimits } from "./limits";

export interface ProgramFile {
  readonly path: string;
  readonly content: string;
}

/** The files of one generation while they arrive, across all answers of the model. */
export interface ProgramFiles {
  /** @throws {EngineError} output_too_large; output_invalid where a file and a folder have one name */
  open(path: string): void;
  /**
   * @returns the path of the open file
   * @throws {EngineError} output_too_large
   */
  append(text: string): string;
  /** @returns the path of the file that was open */
  complete(): string;
  /** Leaves the open file behind, if there is one. It has to come again. */
  abandon(): void;
  completed(): readonly ProgramFile[];
  /** Opened, but never completed since. While there is one, the program isn't whole. */
  unfinished(): readonly string[];
}

/** @param earlier files that an earlier run completed */
export function createProgramFiles(limits: LlmLimits, earlier: readonly ProgramFile[] = []): ProgramFiles {
  const completed = new Map(earlier.map((file) => [file.path, file.content]));
  const unfinished = new Set<string>();
  let open: { path: string; content: string; bytes: number } | undefined;
  let completedBytes = earlier.reduce((sum, file) => sum + Buffer.byteLength(file.content), 0);

  function tooLarge(what: string): never {
    throw new EngineError("output_too_large", what, { retryable: false });
  }

  function refuseFolderClash(path: string): void {
    for (const other of [...completed.keys(), ...unfinished]) {
      if (!other.startsWith(`${path}/`) && !path.startsWith(`${other}/`)) continue;
      const message = `The model wrote both ${JSON.stringify(other)} and ${JSON.stringify(path)}: one name can't be a file and a folder.`;
      throw new EngineError("output_invalid", message, { retryable: false });
    }
  }

  return {
    open(path) {
      refuseFolderClash(path);
      const replaced = completed.get(path);
      if (replaced !== undefined) completedBytes -= Buffer.byteLength(replaced);
      completed.delete(path);
      unfinished.add(path);
      if (completed.size + unfinished.size > limits.maxFiles) {
        tooLarge(`The program has more than ${limits.maxFiles} files.`);
      }
      open = { path, content: "", bytes: 0 };
    },
    append(text) {
      if (open === undefined) throw new Error("no file is open");
      open.content += text;
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
      const { path, content, bytes } = open;
      completed.set(path, content);
      completedBytes += bytes;
      unfinished.delete(path);
      open = undefined;
      return path;
    },
    abandon() {
      open = undefined;
    },
    completed: () => [...completed].map(([path, content]) => ({ path, content })),
    unfinished: () => [...unfinished],
  };
}
