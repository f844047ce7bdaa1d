import { InvalidFilePath } from "../../domain/file-path";
import { EngineError, type EngineEvent } from "../../domain/generation-engine";
import type { ChatFinish } from "./chat-stream";
import { findFault } from "./checks/find-fault";
import { parseFencedFiles, type FencedFile } from "./fenced-files";
import { createFileProtocolParser, type ProtocolEvent } from "./file-protocol-parser";
import type { LlmLimits } from "./limits";
import { countFiles, type Narrator } from "./narrator";
import type { ProgramFile, ProgramFiles } from "./program-files";
import type { Repairs } from "./repairs";
import type { ShownFiles } from "./shown-files";
import { cutText } from "./well-formed-text";

const DELTA_LENGTH = 4_000;
/** What a model may say outside of its files in one answer, thoughts included; in characters. */
const MAX_BESIDE_FILES = 8 * 1024 * 1024;

/** What the answers of one generation share. */
export interface Writing {
  readonly nonce: string;
  readonly limits: LlmLimits;
  readonly files: ProgramFiles;
  readonly shown: ShownFiles;
  readonly repairs: Repairs;
  readonly narrator: Narrator;
  /** Some answer has used the file protocol: fenced blocks are no files from then on. */
  usesProtocol: boolean;
  /** The model has answered before, if only in an earlier attempt. */
  hasAnswered: boolean;
}

/** How an answer ended. */
export interface AnswerEnd {
  readonly events: readonly EngineEvent[];
  /** The model's own end, the count it gave and every file agree that nothing is missing. */
  readonly isWhole: boolean;
  /** A file came whole that wasn't there before. */
  readonly hasProgress: boolean;
  /** What it said outside of files, cut to a sentence or two; "" where it said nothing. */
  readonly said: string;
}

export interface AnswerReader {
  /** @throws {EngineError} output_too_large, output_invalid */
  push(text: string): EngineEvent[];
  end(finish: ChatFinish): AnswerEnd;
}

/** Turns one answer of the model into events, and its files into `writing.files`. */
export function createAnswerReader(writing: Writing): AnswerReader {
  const { files, limits, narrator } = writing;
  const parser = createFileProtocolParser(writing.nonce);
  const maxCharacters = 2 * limits.maxTotalBytes;
  const maxBesideFiles = Math.min(maxCharacters, MAX_BESIDE_FILES);
  const before = new Set(files.completedPaths());
  const written = new Set<string>();
  const prose: string[] = [];
  let received = 0;
  let receivedInFiles = 0;
  let blocks = 0;
  let announced: number | undefined;

  function read(event: ProtocolEvent): EngineEvent[] {
    switch (event.type) {
      case "opened":
        return [...beginProtocol(), ...openFile(writing, event.path)];
      case "delta":
        receivedInFiles += event.text.length;
        return [appendText(writing, event.text)];
      case "completed": {
        const { path, events } = completeFile(writing);
        written.add(path);
        blocks += 1;
        return event.marked
          ? events
          : [narrator.warn(`${path} had no end line; it ends where the next one begins.`), ...events];
      }
      case "done":
        announced = event.files;
        return [];
      case "malformed":
        return [
          ...beginProtocol(),
          narrator.warn("The model wrote a line of the file protocol that can't be read."),
        ];
      case "prose":
        if (writing.usesProtocol) return narrator.remark(event.line);
        prose.push(event.line);
        return [];
    }
  }

  function beginProtocol(): EngineEvent[] {
    if (writing.usesProtocol) return [];
    writing.usesProtocol = true;
    return prose.flatMap((line) => narrator.remark(line));
  }

  function readAll(events: () => ProtocolEvent[]): EngineEvent[] {
    try {
      return events().flatMap(read);
    } catch (error) {
      if (!(error instanceof InvalidFilePath)) throw error;
      throw new EngineError("output_invalid", error.message, { retryable: false });
    }
  }

  function readFences(): { readonly events: EngineEvent[]; readonly isWhole: boolean } {
    const fenced = writing.usesProtocol ? [] : parseFencedFiles(prose.join("\n"));
    if (fenced.length === 0) return { events: [], isWhole: false };
    const warning = narrator.warn(
      `The model ignored the file protocol. Its ${fenced.length} named code blocks are taken as files; check that nothing is missing.`,
    );
    const events = fenced.flatMap((file) => writeFencedFile(writing, file));
    for (const { path, closed } of fenced) if (closed) written.add(path);
    return { events: [warning, ...events], isWhole: fenced.every((file) => file.closed) };
  }

  function refuseEndless(): void {
    const isTooLong = received > maxCharacters;
    if (!isTooLong && received - receivedInFiles <= maxBesideFiles) return;
    const message = isTooLong
      ? `The answer is longer than ${maxCharacters} characters.`
      : `The model said more than ${maxBesideFiles} characters outside of its files.`;
    throw new EngineError("output_too_large", message, { retryable: false });
  }

  return {
    push(text) {
      received += text.length;
      refuseEndless();
      return readAll(() => parser.push(text));
    },
    end(finish) {
      const last = readAll(() => parser.end());
      files.abandon();
      const fences = readFences();
      // Some models count the blocks of this answer, some the files of the whole program.
      const counts = [written.size, blocks, files.completedCount()];
      const isEnded = announced === undefined ? fences.isWhole : counts.includes(announced);
      const nothingMissing = files.unfinished().length === 0 && files.completedCount() > 0;
      const replaced = parser.hasReplacedCharacters()
        ? [narrator.warn("The answer held characters that can't be stored; they were replaced.")]
        : [];
      return {
        events: [...last, ...fences.events, ...replaced],
        isWhole: finish === "stop" && nothingMissing && isEnded,
        hasProgress: [...written].some((path) => files.isCompleted(path) && !before.has(path)),
        said: cutText(prose.join(" ").replace(/\s+/g, " ").trim(), 200),
      };
    },
  };
}

function openFile({ files, shown, narrator }: Writing, path: string): EngineEvent[] {
  files.open(path);
  shown.forget(path);
  return [
    { type: "file:opened", path, op: "write" },
    narrator.progress(files.completedCount(), `Writing ${path}`),
  ];
}

function appendText({ files }: Writing, text: string): EngineEvent {
  return { type: "file:delta", path: files.append(text), text };
}

function completeFile({ files, shown, repairs, narrator }: Writing): { path: string; events: EngineEvent[] } {
  const file = files.complete();
  const { path } = file;
  shown.keep(file);
  const done = files.completedCount();
  const progress = narrator.progress(done, `${countFiles(done)} written`);
  const remarks = repairs.checked(file, findFault(path, file.content));
  return { path, events: [{ type: "file:completed", path }, ...remarks, progress] };
}

function writeFencedFile(writing: Writing, file: FencedFile): EngineEvent[] {
  const events = openFile(writing, file.path);
  for (const text of pieces(file.content)) events.push(appendText(writing, text));
  if (file.closed) events.push(...completeFile(writing).events);
  else writing.files.abandon();
  return events;
}

/** Writes a file as it was before a repair of it was cut off. */
export function* restoreFile(writing: Writing, { path, content }: ProgramFile): Generator<EngineEvent> {
  const { files, shown } = writing;
  yield* openFile(writing, path);
  for (const text of pieces(content)) yield appendText(writing, text);
  shown.keep(files.complete());
  yield { type: "file:completed", path };
}

/** Cuts between characters, never inside a surrogate pair. */
function* pieces(text: string): Generator<string> {
  for (let from = 0; from < text.length;) {
    const piece = cutText(text.slice(from, from + DELTA_LENGTH), DELTA_LENGTH);
    yield piece;
    from += piece.length;
  }
}
