import { InvalidFilePath } from "../../domain/file-path";
import { EngineError, type EngineEvent } from "../../domain/generation-engine";
import type { ChatFinish } from "./chat-stream";
import { parseFencedFiles, type FencedFile } from "./fenced-files";
import { createFileProtocolParser, type ProtocolEvent } from "./file-protocol-parser";
import type { LlmLimits } from "./limits";
import { countFiles, type Narrator } from "./narrator";
import type { ProgramFiles } from "./program-files";
import { cutText } from "./well-formed-text";

const DELTA_LENGTH = 4_000;

/** What the answers of one generation share. */
export interface Writing {
  readonly nonce: string;
  readonly limits: LlmLimits;
  readonly files: ProgramFiles;
  readonly narrator: Narrator;
  /** Some answer has used the file protocol: fenced blocks are no files from then on. */
  usesProtocol: boolean;
}

/** How an answer ended. */
export interface AnswerEnd {
  readonly events: readonly EngineEvent[];
  /** The model's own end, the count it gave and every file agree that nothing is missing. */
  readonly isWhole: boolean;
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
  const written = new Set<string>();
  const prose: string[] = [];
  let received = 0;
  let announced: number | undefined;

  function read(event: ProtocolEvent): EngineEvent[] {
    switch (event.type) {
      case "opened":
        return [...beginProtocol(), ...openFile(writing, event.path)];
      case "delta":
        return [appendText(writing, event.text)];
      case "completed": {
        const { path, events } = completeFile(writing);
        written.add(path);
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
    return { events: [warning, ...events], isWhole: fenced.every((file) => file.closed) };
  }

  return {
    push(text) {
      received += text.length;
      if (received > maxCharacters) {
        const message = `The answer is longer than ${maxCharacters} characters.`;
        throw new EngineError("output_too_large", message, { retryable: false });
      }
      return readAll(() => parser.push(text));
    },
    end(finish) {
      const last = readAll(() => parser.end());
      files.abandon();
      const fences = readFences();
      const countAgrees = announced === written.size || announced === files.completed().length;
      const isEnded = announced === undefined ? fences.isWhole : countAgrees;
      const nothingMissing = files.unfinished().length === 0 && files.completed().length > 0;
      const replaced = parser.hasReplacedCharacters()
        ? [narrator.warn("The answer held characters that can't be stored; they were replaced.")]
        : [];
      return {
        events: [...last, ...fences.events, ...replaced],
        isWhole: finish === "stop" && nothingMissing && isEnded,
        said: cutText(prose.join(" ").replace(/\s+/g, " ").trim(), 200),
      };
    },
  };
}

function openFile({ files, narrator }: Writing, path: string): EngineEvent[] {
  files.open(path);
  return [
    { type: "file:opened", path, op: "write" },
    narrator.progress(files.completed().length, `Writing ${path}`),
  ];
}

function appendText({ files }: Writing, text: string): EngineEvent {
  return { type: "file:delta", path: files.append(text), text };
}

function completeFile({ files, narrator }: Writing): { path: string; events: EngineEvent[] } {
  const path = files.complete();
  const done = files.completed().length;
  const progress = narrator.progress(done, `${countFiles(done)} written`);
  return { path, events: [{ type: "file:completed", path }, progress] };
}

function writeFencedFile(writing: Writing, file: FencedFile): EngineEvent[] {
  const events = openFile(writing, file.path);
  for (const text of pieces(file.content)) events.push(appendText(writing, text));
  if (file.closed) events.push(...completeFile(writing).events);
  else writing.files.abandon();
  return events;
}

/** Cuts between characters, never inside a surrogate pair. */
function* pieces(text: string): Generator<string> {
  let rest = text;
  while (rest !== "") {
    const piece = cutText(rest, DELTA_LENGTH);
    yield piece;
    rest = rest.slice(piece.length);
  }
}
