import { parseFilePath } from "../../domain/file-path";
import { createMarkerReader, type FileHeader } from "./file-protocol";
import { createTextJoiner } from "./well-formed-text";

/** What an answer turned out to hold, in the order of its text. Deltas belong to the file opened last. */
export type ProtocolEvent =
  | { readonly type: "opened"; readonly path: string }
  | { readonly type: "delta"; readonly text: string }
  /** `marked` is false where the next marker came without an @@END before it. */
  | { readonly type: "completed"; readonly marked: boolean }
  | { readonly type: "done"; readonly files: number }
  /** A line outside of all files; empty ones too. */
  | { readonly type: "prose"; readonly line: string }
  /** The right nonce outside of a file, but nothing that can be understood. */
  | { readonly type: "malformed"; readonly line: string };

export interface FileProtocolParser {
  /** @throws {InvalidFilePath} a header names a path that would leave the project */
  push(chunk: string): ProtocolEvent[];
  /** Reads the last line, which may lack its line end. A file still open stays unfinished. */
  end(): ProtocolEvent[];
  hasReplacedCharacters(): boolean;
}

/**
 * Reads the file protocol out of a stream of text, cut anywhere. A delta is passed on as soon as its line
 * can no longer become a marker. Nothing after the @@DONE line counts.
 */
export function createFileProtocolParser(nonce: string): FileProtocolParser {
  const markers = createMarkerReader(nonce);
  const joiner = createTextJoiner();
  const output = createOutput();
  let state: "outside" | "thinking" | "inside" | "ended" = "outside";
  let header: (FileHeader & { readonly crlf: boolean }) | undefined;
  /** What has come of the current line and isn't passed on yet. */
  let line = "";
  /** Something of the current line was passed on, so that it can't be a marker any more. */
  let isContent = false;
  /** The previous line's end: only the next line shows whether it is the file's last one. */
  let heldLineEnd = "";

  function open(next: FileHeader, crlf: boolean): void {
    header = { ...next, path: parseFilePath(next.path), crlf };
    state = "inside";
    heldLineEnd = "";
    output.add({ type: "opened", path: header.path });
  }

  function close(marked: boolean): void {
    if (header?.newline === true) output.addText(heldLineEnd);
    heldLineEnd = "";
    header = undefined;
    state = "outside";
    output.add({ type: "completed", marked });
  }

  function passOn(text: string): void {
    output.addText(heldLineEnd + text);
    heldLineEnd = "";
  }

  function takeOutside(text: string): void {
    const marker = markers.read(text);
    if (marker?.type === "file") {
      open(marker.header, text.endsWith("\r"));
    } else if (marker?.type === "done") {
      state = "ended";
      output.add({ type: "done", files: marker.files });
    } else if (marker !== undefined) {
      output.add({ type: "malformed", line: text });
    } else if (text.startsWith("<think>") && !text.includes("</think>")) {
      state = "thinking";
    } else {
      output.add({ type: "prose", line: text.replace(/\r$/, "") });
    }
  }

  function takeInside(text: string): void {
    const marker = isContent ? undefined : markers.read(text);
    isContent = false;
    if (marker?.type === "end") {
      close(true);
    } else if (marker?.type === "file" || marker?.type === "done") {
      close(false);
      takeOutside(text);
    } else {
      passOn(header?.crlf === true ? text.replace(/\r$/, "") : text);
      heldLineEnd = "\n";
    }
  }

  function takeThought(text: string): void {
    const end = text.indexOf("</think>");
    if (end === -1) return;
    state = "outside";
    takeOutside(text.slice(end + "</think>".length));
  }

  function takeLine(text: string): void {
    if (state === "inside") takeInside(text);
    else if (state === "outside") takeOutside(text);
    else if (state === "thinking") takeThought(text);
  }

  /** Passes on what has come of a line that can't be a marker, but for a CR that may belong to its end. */
  function passOnBeginning(): void {
    if (!isContent && markers.couldBecome(line)) return;
    const kept = header?.crlf === true && line.endsWith("\r") ? "\r" : "";
    const text = line.slice(0, line.length - kept.length);
    if (text === "") return;
    passOn(text);
    isContent = true;
    line = kept;
  }

  return {
    push(chunk) {
      const text = joiner.push(chunk);
      let from = 0;
      for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", from)) {
        const whole = line + text.slice(from, at);
        line = "";
        from = at + 1;
        takeLine(whole);
      }
      if (state === "ended") line = "";
      else line += text.slice(from);
      if (state === "inside") passOnBeginning();
      return output.take();
    },
    end() {
      const last = line + joiner.end();
      line = "";
      if (last !== "") takeLine(last);
      return output.take();
    },
    hasReplacedCharacters: joiner.hasReplaced,
  };
}

/** Gathers events; text that follows on text becomes one delta. */
function createOutput() {
  let events: ProtocolEvent[] = [];
  let text = "";

  function flushText(): void {
    if (text !== "") events.push({ type: "delta", text });
    text = "";
  }

  return {
    add(event: ProtocolEvent): void {
      flushText();
      events.push(event);
    },
    addText(more: string): void {
      text += more;
    },
    take(): ProtocolEvent[] {
      flushText();
      const taken = events;
      events = [];
      return taken;
    },
  };
}
