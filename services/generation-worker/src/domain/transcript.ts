import { createHash } from "node:crypto";
import type { GenerationEventBody } from "@vibe-friend/contracts/generation-event";
import { InvalidFilePath, parseFilePath } from "./file-path";
import { EngineError, type EngineErrorCode, type EngineEvent } from "./generation-engine";
import { resultLimits } from "./limits";
import type { ResultFile, Usage } from "./ports";
import { splitHalfPair, toStorable } from "./storable-text";

const MAX_MESSAGE_LENGTH = 2000;

interface OpenFile {
  readonly path: string;
  readonly parts: string[];
  bytes: number;
  /** First half of a character whose second half hasn't come yet. */
  half: string;
}

/** Turns what an engine says into events, and keeps the files. Trusts no engine: paths, order and sizes are checked. */
export interface Transcript {
  /** @throws {EngineError} a path that leaves the project, events out of order, a limit reached */
  take(event: EngineEvent): readonly GenerationEventBody[];
  /** @throws {EngineError} no file was written, or one is still open */
  finish(): readonly ResultFile[];
  usage(): Usage | undefined;
}

export function createTranscript(limits = resultLimits): Transcript {
  const files = new Map<string, ResultFile>();
  let completedBytes = 0;
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
    open = { path, parts: [], bytes: 0, half: "" };
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
    return [{ type: "file:delta", path: file.path, text }];
  }

  function completeFile(path: string): readonly GenerationEventBody[] {
    const file = readOpen(path);
    const rest = addText(file, file.half);
    const content = file.parts.join("");
    const sha256 = createHash("sha256").update(content).digest("hex");
    files.set(path, { path, content, bytes: file.bytes, sha256 });
    completedBytes += file.bytes;
    unfinished.delete(path);
    open = undefined;
    return [...rest, { type: "file:completed", path, bytes: file.bytes, sha256 }];
  }

  function readOpen(path: string): OpenFile {
    if (open?.path === path) return open;
    throw engineFault("output_invalid", `The engine wrote to ${quote(path)} without opening it.`);
  }

  return {
    take(event) {
      switch (event.type) {
        case "progress":
          return [{ type: "progress", percent: toPercent(event.percent), stage: toMessage(event.stage) }];
        case "log":
          return [{ type: "log", level: event.level, message: toMessage(event.message) }];
        case "file:opened":
          return [openFile(event.path)];
        case "file:delta":
          return write(event.path, event.text);
        case "file:completed":
          return completeFile(event.path);
        case "usage":
          usage = { inputTokens: event.inputTokens, outputTokens: event.outputTokens };
          return [];
      }
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
