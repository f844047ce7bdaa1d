import fc from "fast-check";
import { InvalidFilePath } from "../../domain/file-path";
import { encodeDone, encodeFile } from "./file-protocol";
import { createFileProtocolParser, type ProtocolEvent } from "./file-protocol-parser";

const NONCE = "5f3a9c1e7b20";

interface Read {
  readonly files: { path: string; content: string; completed: boolean }[];
  readonly done: number | undefined;
  readonly prose: string[];
  readonly events: readonly ProtocolEvent[];
}

/** Feeds the text cut at the given lengths (the rest in one piece), and puts the files together. */
function read(text: string, lengths: readonly number[] = []): Read {
  const parser = createFileProtocolParser(NONCE);
  const events: ProtocolEvent[] = [];
  let from = 0;
  for (const length of lengths) {
    events.push(...parser.push(text.slice(from, from + length)));
    from += length;
  }
  events.push(...parser.push(text.slice(from)), ...parser.end());
  const files: Read["files"] = [];
  const prose: string[] = [];
  let done: number | undefined;
  for (const event of events) {
    const open = files.at(-1);
    if (event.type === "opened") files.push({ path: event.path, content: "", completed: false });
    if (event.type === "delta") open!.content += event.text;
    if (event.type === "completed") open!.completed = true;
    if (event.type === "done") done = event.files;
    if (event.type === "prose") prose.push(event.line);
  }
  return { files, done, prose, events };
}

function everyCharacter(text: string): number[] {
  return Array.from({ length: text.length }, () => 1);
}

const hostileLine = fc.constantFrom(
  '@@FILE 000000000000 {"path":"../../etc/passwd","op":"write"}',
  "@@END 000000000000",
  '@@DONE 000000000000 {"files":1}',
  "@@END",
  "@@FILE",
  "@@",
  "@",
  `@@END ${NONCE.slice(0, -1)}`,
  `@@END ${NONCE}0`,
  `@@END ${NONCE} and more`,
  ` @@END ${NONCE}`,
  `@@end ${NONCE}`,
  `@@FILE ${NONCE} {"path":`,
  `@@DONE ${NONCE} seven`,
  `text @@END ${NONCE}`,
  "```",
  "<think>",
  "</think>",
  "\r",
  "",
  "🙂 ünï 日本 \u2028 \u0085",
);
const content = fc
  .array(fc.oneof(hostileLine, fc.string({ unit: "binary", maxLength: 20 }), fc.string({ maxLength: 200 })))
  .chain((lines) => fc.constantFrom(lines.join("\n"), lines.map((line) => `${line}\n`).join("")))
  .map((text) => text.replaceAll("\u0000", ""));
// No name begins like those that Windows reserves.
const program = fc.uniqueArray(
  fc.record({ path: fc.stringMatching(/^f[a-z]{0,7}(\/f[a-z]{0,7}){0,3}\.[a-z]{2}$/), content }),
  { maxLength: 6, selector: (file) => file.path },
);
const proseLine = fc.constantFrom("", "Here is your program.", "@@FILE tomorrow", "```", "@@END", "🙂");
const pieces = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 200 });

describe("createFileProtocolParser", () => {
  it("yields exactly the files that were written, whatever they hold and wherever the text is cut", () => {
    fc.assert(
      fc.property(program, fc.array(proseLine, { maxLength: 4 }), pieces, (files, prose, lengths) => {
        const talk = prose.map((line) => `${line}\n`).join("");
        const text = `${talk}${files.map((file) => encodeFile(NONCE, file)).join(talk)}${encodeDone(NONCE, files.length)}`;
        const result = read(text, lengths);
        expect(result.files).toEqual(files.map((file) => ({ ...file, completed: true })));
        expect(result.done).toBe(files.length);
      }),
      { numRuns: 500 },
    );
  });

  it("yields the same when every UTF-16 unit comes alone, also between the halves of a character", () => {
    fc.assert(
      fc.property(program, (files) => {
        const text = files.map((file) => encodeFile(NONCE, file)).join("") + encodeDone(NONCE, files.length);
        const result = read(text, everyCharacter(text));
        expect(result.files).toEqual(files.map((file) => ({ ...file, completed: true })));
        expect(result.events).not.toContainEqual(
          expect.objectContaining({ text: expect.stringMatching(/[\uD800-\uDBFF]$/) as string }),
        );
      }),
      { numRuns: 100 },
    );
  });

  it("never completes a file, nor the answer, from a text cut short anywhere before its end", () => {
    const files = [
      { path: "a.ts", content: "one\n@@END wrong\n" },
      { path: "b.ts", content: "two" },
    ];
    const first = encodeFile(NONCE, files[0]!);
    const both = first + encodeFile(NONCE, files[1]!);
    const text = both + encodeDone(NONCE, 2);
    // The last line needs no line end, so a text counts one character before it.
    for (let length = 0; length < text.length - 1; length += 1) {
      const result = read(text.slice(0, length));
      expect(result.done).toBeUndefined();
      expect(result.files.filter((file) => file.completed)).toHaveLength(
        length >= both.length - 1 ? 2 : length >= first.length - 1 ? 1 : 0,
      );
    }
  });

  it("passes text on before its line ends, unless the line could become a marker", () => {
    const parser = createFileProtocolParser(NONCE);
    parser.push(`@@FILE ${NONCE} {"path":"a.ts"}\n`);
    expect(parser.push("const a")).toEqual([{ type: "delta", text: "const a" }]);
    expect(parser.push(" = 1;\n@@EN")).toEqual([{ type: "delta", text: " = 1;" }]);
    expect(parser.push("D of")).toEqual([{ type: "delta", text: "\n@@END of" }]);
    expect(parser.push(` it\n@@END ${NONCE}`)).toEqual([{ type: "delta", text: " it" }]);
    expect(parser.push("\n")).toEqual([
      { type: "delta", text: "\n" },
      { type: "completed", marked: true },
    ]);
  });

  it.each([
    ["an empty file", "", { newline: true }, ""],
    ["one empty line", "\n", { newline: true }, "\n"],
    ["a last line with its end", "a\n", { newline: true }, "a\n"],
    ["a last line without its end", "a\n", { newline: false }, "a"],
    ["two line ends, one taken away", "a\n\n", { newline: false }, "a\n"],
  ])("keeps %s", (_name, between, ...[header, expected]) => {
    const text = `@@FILE ${NONCE} ${JSON.stringify({ path: "a", op: "write", ...header })}\n${between}@@END ${NONCE}\n`;
    expect(read(text).files).toEqual([{ path: "a", content: expected, completed: true }]);
  });

  it("keeps CR LF of a file, but takes them for LF where the markers have them too", () => {
    const lines = ["@echo off", "echo \rhi", ""];
    const kept = encodeFile(NONCE, { path: "a.bat", content: lines.join("\r\n") });
    const whole = encodeFile(NONCE, { path: "a.bat", content: lines.join("\n") }).replaceAll("\n", "\r\n");
    for (const cut of [() => [], everyCharacter]) {
      expect(read(kept, cut(kept)).files[0]).toEqual({
        path: "a.bat",
        content: lines.join("\r\n"),
        completed: true,
      });
      expect(read(whole, cut(whole)).files[0]).toEqual({
        path: "a.bat",
        content: lines.join("\n"),
        completed: true,
      });
    }
  });

  it("opens a path a second time when it comes a second time", () => {
    const text =
      encodeFile(NONCE, { path: "a", content: "1" }) + encodeFile(NONCE, { path: "a", content: "2" });
    expect(read(text).files.map((file) => file.content)).toEqual(["1", "2"]);
  });

  it("ends a file without an end line at the next marker, and says so", () => {
    const text = `@@FILE ${NONCE} {"path":"a"}\none\n@@FILE ${NONCE} {"path":"b"}\ntwo\n@@DONE ${NONCE} {"files":2}\n`;
    const result = read(text);
    expect(result.files.map(({ path, content }) => [path, content])).toEqual([
      ["a", "one\n"],
      ["b", "two\n"],
    ]);
    expect(result.events.filter((event) => event.type === "completed")).toEqual([
      { type: "completed", marked: false },
      { type: "completed", marked: false },
    ]);
    expect(result.done).toBe(2);
  });

  it.each(["../a", "/etc/passwd", "a\\b", "C:/a", "a\u0000b", ".git/config", "con"])(
    "refuses to open %j",
    (path) => {
      expect(() => read(encodeFile(NONCE, { path, content: "x" }))).toThrow(InvalidFilePath);
    },
  );

  it.each(['{"path":"a","op":"delete"}', '{"path":7}', "{", "a.ts", '["a"]', "null"])(
    "reports the header %s as malformed and opens nothing",
    (header) => {
      const result = read(`@@FILE ${NONCE} ${header}\ntext\n`);
      expect(result.files).toEqual([]);
      expect(result.events[0]).toEqual({ type: "malformed", line: `@@FILE ${NONCE} ${header}` });
    },
  );

  it("hears nothing of what a model thinks, nor of what comes after the end", () => {
    const draft = encodeFile(NONCE, { path: "draft.ts", content: "no" });
    const file = encodeFile(NONCE, { path: "a.ts", content: "yes\n" });
    const text = `<think>\nPlan:\n${draft}${encodeDone(NONCE, 1)}</think>\n${file}${encodeDone(NONCE, 1)}${draft}bye`;
    for (const lengths of [[], everyCharacter(text)]) {
      const result = read(text, lengths);
      expect(result.files).toEqual([{ path: "a.ts", content: "yes\n", completed: true }]);
      expect(result.prose).toEqual([""]);
    }
  });

  it("replaces what Postgres can't store, and says that it did", () => {
    const parser = createFileProtocolParser(NONCE);
    const whole = encodeFile(NONCE, { path: "a", content: "x\u0000y\uD83Dz\uDE00\n" });
    expect(parser.hasReplacedCharacters()).toBe(false);
    const events = [...parser.push(whole), ...parser.end()];
    expect(events).toContainEqual({ type: "delta", text: "x\uFFFDy\uFFFDz\uFFFD\n" });
    expect(parser.hasReplacedCharacters()).toBe(true);
  });

  it("takes a line that is far too long for a marker as text, without waiting for its end", () => {
    const parser = createFileProtocolParser(NONCE);
    parser.push(`@@FILE ${NONCE} {"path":"a"}\n`);
    const long = `@@FILE ${NONCE} ${"x".repeat(3_000)}`;
    expect(parser.push(long)).toEqual([{ type: "delta", text: long }]);
  });
});
