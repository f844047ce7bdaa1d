import type { EngineEvent } from "../../domain/generation-engine";
import { createAnswerReader, type Writing } from "./answer-reader";
import { encodeDone, encodeFile } from "./file-protocol";
import { defaultLimits } from "./limits";
import { createNarrator } from "./narrator";
import { createProgramFiles } from "./program-files";
import { createRepairs } from "./repairs";
import { createShownFiles } from "./shown-files";
import { filesOf } from "./testing/engine-run";

const NONCE = "0123456789ab";
const files = [
  { path: "src/a.ts", content: 'export const a = "Ü🙂";\n' },
  { path: "empty.txt", content: "" },
  { path: "b.md", content: `@@END\n@@DONE 0123456789 {"files":1}\n@@FILE x\nno line end` },
];
const answer = files.map((file) => encodeFile(NONCE, file)).join("") + encodeDone(NONCE, 3);

function createWriting(): Writing {
  const narrator = createNarrator();
  return {
    nonce: NONCE,
    limits: defaultLimits,
    files: createProgramFiles(defaultLimits),
    shown: createShownFiles(1_000),
    repairs: createRepairs(narrator),
    narrator,
    usesProtocol: false,
    hasAnswered: false,
  };
}

describe("createAnswerReader", () => {
  it("never takes an answer for whole that was cut, at any position and with any end", () => {
    for (let at = 0; at < answer.length; at += 1) {
      const isEnded = at === answer.length - 1;
      for (const finish of ["stop", "length", "cut"] as const) {
        const reader = createAnswerReader(createWriting());
        reader.push(answer.slice(0, at));
        // Only the last line's end may be missing.
        expect([at, finish, reader.end(finish).isWhole]).toEqual([at, finish, isEnded && finish === "stop"]);
      }
    }
  });

  it("has the same program after a cut at any position and the rest", () => {
    for (let at = 0; at <= answer.length; at += 1) {
      const writing = createWriting();
      const first = createAnswerReader(writing);
      const events: EngineEvent[] = [...first.push(answer.slice(0, at)), ...first.end("length").events];
      const rest = files.filter(({ path }) => !writing.files.isCompleted(path));
      const second = createAnswerReader(writing);
      const text = rest.map((file) => encodeFile(NONCE, file)).join("") + encodeDone(NONCE, rest.length);
      events.push(...second.push(text));
      const end = second.end("stop");
      events.push(...end.events);
      expect([at, end.isWhole, end.hasProgress]).toEqual([at, true, rest.length > 0]);
      expect(filesOf(events)).toEqual(expect.arrayContaining(files));
      expect(writing.files.completedCount()).toBe(3);
    }
  });

  it.each([
    ["short lines", "const a = 1;\n"],
    ["one line", "0123456789 "],
    ["lines that look like markers", "@@END 0123\n"],
  ])(
    "reads 8 MB of %s, in pieces of a token, in time and bounds",
    (_name, line) => {
      const size = 8 * 1024 * 1024 - 20;
      const content = line.repeat(Math.ceil(size / line.length)).slice(0, size);
      const text = encodeFile(NONCE, { path: "big.txt", content }) + encodeDone(NONCE, 1);
      const writing = createWriting();
      const reader = createAnswerReader(writing);
      const before = process.cpuUsage();
      let received = 0;
      for (let from = 0; from < text.length; from += 20) {
        for (const event of reader.push(text.slice(from, from + 20))) {
          if (event.type === "file:delta") received += event.text.length;
        }
      }
      expect(reader.end("stop").isWhole).toBe(true);
      expect(received).toBe(content.length);
      expect(writing.shown.list()).toEqual([]);
      // A reader whose work grew with the square would take minutes.
      expect(process.cpuUsage(before).user / 1_000).toBeLessThan(10_000);
    },
    30_000,
  );

  it("reads 8 MB in one piece", () => {
    const content = "line\n".repeat(1_600_000);
    const reader = createAnswerReader(createWriting());
    const events = reader.push(encodeFile(NONCE, { path: "big.txt", content }) + encodeDone(NONCE, 1));
    expect(filesOf(events)).toEqual([{ path: "big.txt", content }]);
    expect(reader.end("stop").isWhole).toBe(true);
  }, 30_000);

  it("stops a model that talks beside its files without end, thoughts included", () => {
    const reader = createAnswerReader(createWriting());
    const talk = (): void => {
      for (let at = 0; at < 100; at += 1) reader.push(`<think>${"hm ".repeat(50_000)}`);
    };
    expect(talk).toThrow("outside of its files");
  });
});
