import { createHash, type Hash } from "node:crypto";
import type { GenerationEventBody } from "@vibe-friend/contracts/generation-event";
import { InvalidFilePath, parseFilePath } from "./file-path";
import { EngineError, type EngineErrorCode, type EngineEvent } from "./generation-engine";
import { resultLimits } from "./limits";
import type { ResultFile, StoredFile, Usage } from "./ports";
import { splitHalfPair, toStorable } from "./storable-text";

const MAX_MESSAGE_LENGTH = 2000;

interface OpenFile {
  readonly path: string;
  readonly parts: string[];
  readonly hash: Hash;
  bytes: number;
  /** First half of a character whose second half hasn't come yet. */
  half: string;
}

/** An event for the log; a `file:completed` brings the file that is stored with it. */
export interface Said {
  readonly body: GenerationEventBody;
  readonly file?: ResultFile;
}

/**
 * Turns what an engine says into events, and whole files. Trusts no engine: paths, order and sizes are checked.
 * Of a completed file it keeps no text, so that a large result needs no memory.
 */
export interface Transcript {
  /** @throws {EngineError} a path that leaves the project, events out of order, a limit reached */
  take(event: EngineEvent): readonly Said[];
  /** @throws {EngineError} no file was written, or one is still open */
  finish(): readonly StoredFile[];
  usage(): Usage | undefined;
}

/** @param completed what earlier runs completed; it counts like what the engine writes */
export function createTranscript(completed: readonly StoredFile[] = [], limits = resultLimits): Transcript {
  const files = new Map(completed.map((file) => [file.path, file]));
  let completedBytes = completed.reduce((sum, { bytes }) => sum + bytes, 0);
  let open: OpenFile | undefined;
  /** Files that were left in their middle; an answer that was cut off is asked to write them anew. */
  const unfinished = new Set<string>();
  let usage: Usage | undefined;

  function openFile(path: string): GenerationEventBody {
    parsePath(path);
    if (open) unfinished.add(open.path);
    completedBytes -= files.get(path)?.bytes ?? 0;
    files.delete(path);
    for (const other of files.keys()) {
      if (other.startsWith(`${path}/`) || path.startsWith(`${other}/`)) {
        throw engineFault("output_invalid", `${quote(path)} can't be beside ${quote(other)}.`);
      }
    }
    if (files.size >= limits.files) {
      throw engineFault("output_too_large", `The program has more than ${limits.files} files.`);
    }
    open = { path, parts: [], hash: createHash("sha256"), bytes: 0, half: "" };
    return { type: "file:opened", path, op: "write" };
  }

  function write(path: string, text: string): readonly GenerationEventBody[] {
    const file = readOpen(path);
    const [whole, half] = splitHalfPair(file.half + text);
    file.half = half;
    return addText(file, whole);
  }

  function addText(file: OpenFile, raw: string): readonly GenerationEventBody[] {
    if (raw === "") return [];
    const text = toStorable(raw);
    file.bytes += Buffer.byteLength(text);
    if (file.bytes > limits.fileBytes) {
      throw engineFault("output_too_large", `${quote(file.path)} is larger than ${limits.fileBytes} bytes.`);
    }
    if (completedBytes + file.bytes > limits.totalBytes) {
      throw engineFault("output_too_large", `The program is larger than ${limits.totalBytes} bytes.`);
    }
    file.parts.push(text);
    file.hash.update(text);
    return [{ type: "file:delta", path: file.path, text }];
  }

  function completeFile(path: string): readonly Said[] {
    const file = readOpen(path);
    const rest = addText(file, file.half);
    const stored = { path, bytes: file.bytes, sha256: file.hash.digest("hex") };
    files.set(path, stored);
    completedBytes += file.bytes;
    unfinished.delete(path);
    open = undefined;
    const body: GenerationEventBody = { type: "file:completed", ...stored };
    return [...rest.map(toSaid), { body, file: { ...stored, content: file.parts.join("") } }];
  }

  function readOpen(path: string): OpenFile {
    if (open?.path === path) return open;
    throw engineFault("output_invalid", `The engine wrote to ${quote(path)} without opening it.`);
  }

  function listen(event: Exclude<EngineEvent, { type: "file:completed" }>): readonly GenerationEventBody[] {
    switch (event.type) {
      case "progress":
        return [{ type: "progress", percent: toPercent(event.percent), stage: toMessage(event.stage) }];
      case "log":
        return [{ type: "log", level: event.level, message: toMessage(event.message) }];
      case "file:opened":
        return [openFile(event.path)];
      case "file:delta":
        return write(event.path, event.text);
      case "usage":
        usage = { inputTokens: event.inputTokens, outputTokens: event.outputTokens };
        return [];
    }
  }

  return {
    take(event) {
      if (event.type === "file:completed") return completeFile(event.path);
      return listen(event).map(toSaid);
    },
    finish() {
      const [cut] = [...unfinished, ...(open ? [open.path] : [])];
      if (cut !== undefined) {
        throw engineFault("output_truncated", `The output ended within ${quote(cut)}.`);
      }
      if (files.size === 0) throw engineFault("output_invalid", "The engine wrote no file.");
      return [...files.values()];
    },
    usage: () => usage,
  };
}

function toSaid(body: GenerationEventBody): Said {
  return { body };
}

function parsePath(path: string): void {
  try {
    parseFilePath(path);
  } catch (error) {
    if (!(error instanceof InvalidFilePath)) throw error;
    throw new EngineError("output_invalid", error.message, { retryable: false, cause: error });
  }
  if (toStorable(path) !== path) {
    throw engineFault("output_invalid", "A file name has a character that can't be stored.");
  }
}

function engineFault(code: EngineErrorCode, message: string): EngineError {
  return new EngineError(code, message, { retryable: false });
}

function quote(path: string): string {
  return JSON.stringify(toStorable(path));
}

function toPercent(percent: number): number {
  return Number.isFinite(percent) ? Math.max(0, Math.min(100, Math.round(percent))) : 0;
}

function toMessage(text: string): string {
  return toStorable(text.length > MAX_MESSAGE_LENGTH ? `${text.slice(0, MAX_MESSAGE_LENGTH)}…` : text);
}
