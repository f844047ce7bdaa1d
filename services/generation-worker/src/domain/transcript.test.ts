import fc from "fast-check";
import { createHash } from "node:crypto";
import { createEventBuffer } from "./event-buffer";
import { EngineError, type EngineEvent } from "./generation-engine";
import type { StoredFile } from "./ports";
import { createTranscript } from "./transcript";

const open = (path: string): EngineEvent => ({ type: "file:opened", path, op: "write" });
const delta = (path: string, text: string): EngineEvent => ({ type: "file:delta", path, text });
const done = (path: string): EngineEvent => ({ type: "file:completed", path });

function takeAll(events: readonly EngineEvent[], ...options: Parameters<typeof createTranscript>) {
  const transcript = createTranscript(...options);
  const said = events.flatMap((event) => transcript.take(event));
  return {
    transcript,
    bodies: said.map(({ body }) => body),
    files: said.flatMap(({ file }) => (file ? [file] : [])),
  };
}

const stored = ({ path, bytes, sha256 }: StoredFile): StoredFile => ({ path, bytes, sha256 });

function codeOf(work: () => unknown): string | undefined {
  try {
    work();
  } catch (error) {
    return error instanceof EngineError ? error.code : String(error);
  }
  return undefined;
}

describe("transcript", () => {
  it("keeps the last version of a file that was opened twice", () => {
    const events = [open("a"), delta("a", "old"), done("a"), open("a"), delta("a", "new"), done("a")];
    const { transcript, files } = takeAll(events);
    expect(files.map(({ content }) => content)).toEqual(["old", "new"]);
    expect(transcript.finish()).toEqual(files.slice(1).map(stored));
  });

  it.each([
    ["a path that leaves the project", [open("../a")]],
    ["an absolute path", [open("/etc/passwd")]],
    ["a path with half a character", [open("a\uD800")]],
    ["text for a file that isn't open", [delta("a", "x")]],
    ["the end of a file that isn't open", [done("a")]],
    ["a file where a folder is", [open("a/b"), done("a/b"), open("a")]],
    ["a folder where a file is", [open("a"), done("a"), open("a/b")]],
  ])("refuses %s", (_what, events) => {
    expect(codeOf(() => takeAll(events))).toBe("output_invalid");
  });

  it.each([
    ["too many files", [open("a"), done("a"), open("b"), done("b"), open("c")]],
    ["a file that is too large", [open("a"), delta("a", "12345"), delta("a", "6")]],
    ["too much in all", [open("a"), delta("a", "12345"), done("a"), open("b"), delta("b", "1234")]],
  ])("refuses %s", (_what, events) => {
    const limits = { files: 2, fileBytes: 5, totalBytes: 8 } as unknown as Parameters<
      typeof createTranscript
    >[1];
    expect(codeOf(() => takeAll(events, [], limits))).toBe("output_too_large");
  });

  it("refuses to be whole without a file, or with one open", () => {
    expect(() => createTranscript().finish()).toThrow("no file");
    expect(() => takeAll([open("a"), delta("a", "x")]).transcript.finish()).toThrow("ended within");
  });

  it("takes a file up again that was left in its middle, as a continued answer does", () => {
    const events = [open("a"), delta("a", "ha"), open("b"), delta("b", "B"), done("b")];
    const { transcript } = takeAll(events);
    expect(codeOf(() => transcript.finish())).toBe("output_truncated");
    for (const event of [open("a"), delta("a", "half"), done("a")]) transcript.take(event);
    expect(transcript.finish()).toMatchObject([
      { path: "b", bytes: 1 },
      { path: "a", bytes: 4 },
    ]);
  });

  it("goes on after the files of earlier runs, which count, and may be opened again", () => {
    const earlier = ["a", "b"].map((path) => ({ path, bytes: 3, sha256: "0".repeat(64) }));
    expect(createTranscript(earlier).finish()).toEqual(earlier);
    const limits = { files: 3, fileBytes: 5, totalBytes: 8 } as unknown as Parameters<
      typeof createTranscript
    >[1];
    expect(codeOf(() => takeAll([open("c"), delta("c", "123")], earlier, limits))).toBe("output_too_large");
    expect(codeOf(() => takeAll([open("c"), done("c"), open("d")], earlier, limits))).toBe(
      "output_too_large",
    );
    expect(codeOf(() => takeAll([open("a/c")], earlier, limits))).toBe("output_invalid");
    const { transcript, files } = takeAll([open("a"), delta("a", "12345"), done("a")], earlier, limits);
    expect(transcript.finish()).toEqual([earlier[1], ...files.map(stored)]);
  });

  it("isn't whole with a file of an earlier run opened again and left", () => {
    const earlier = [{ path: "a", bytes: 3, sha256: "0".repeat(64) }];
    expect(codeOf(() => takeAll([open("a")], earlier).transcript.finish())).toBe("output_truncated");
  });

  it("joins characters that were split, and replaces what Postgres can't hold", () => {
    const { files } = takeAll([
      open("a"),
      delta("a", "x\uD83D"),
      delta("a", "\uDE00\u0000"),
      delta("a", "\uD83D"),
      done("a"),
    ]);
    expect(files[0]?.content).toBe("x😀\uFFFD\uFFFD");
  });
});

describe("transcript and buffer together", () => {
  it("give deltas that concatenate to the file, whatever the pieces, and can be stored as jsonb", () => {
    const text = fc.string({ unit: "binary", maxLength: 30_000 });
    const property = fc.property(
      fc.array(text, { maxLength: 8 }),
      fc.integer({ min: 1, max: 50_000 }),
      (texts, maxSize) => {
        const { files, bodies } = takeAll([open("a"), ...texts.map((each) => delta("a", each)), done("a")]);
        const buffer = createEventBuffer();
        for (const body of bodies) buffer.add(body);
        const taken = [];
        while (!buffer.isEmpty()) taken.push(...buffer.take(maxSize));
        const joined = taken.map((body) => (body.type === "file:delta" ? body.text : "")).join("");
        expect(joined).toBe(files[0]?.content);
        expect(files[0]).toMatchObject({
          bytes: Buffer.byteLength(joined),
          sha256: createHash("sha256").update(joined).digest("hex"),
        });
        expect(JSON.stringify(taken)).not.toMatch(/\\u0000|\\ud[89a-f]/);
        expect(taken.every((body) => body.type !== "file:delta" || body.text.length <= 8192)).toBe(true);
        expect(buffer.size()).toBe(0);
      },
    );
    fc.assert(property, { numRuns: 200 });
  });
});
