import { packNotes, unpackNotes, type Note } from "./notify-payload";

describe("a NOTIFY payload", () => {
  it("carries many notes, each different one once, and gives them back in order", () => {
    const notes: Note[] = [
      ["a", { seqTo: 1 }],
      ["b", null],
      ["a", { seqTo: 1 }],
      ["a", { seqTo: 2 }],
    ];
    const { payload, rest, dropped } = packNotes(notes);
    expect(unpackNotes(payload!)).toEqual([notes[0], notes[1], notes[3]]);
    expect({ rest, dropped }).toEqual({ rest: [], dropped: [] });
  });

  it("stays below 8,000 bytes, also with characters of several bytes, and loses nothing", () => {
    let waiting: Note[] = Array.from({ length: 500 }, (_, index) => [`tøpic_${index}`, "€".repeat(20)]);
    const all = [...waiting];
    const seen: Note[] = [];
    while (waiting.length > 0) {
      const { payload, rest } = packNotes(waiting);
      expect(Buffer.byteLength(payload!)).toBeLessThan(8000);
      seen.push(...unpackNotes(payload!));
      waiting = rest;
    }
    expect(seen).toEqual(all);
  });

  it("leaves out a note that can never fit, and names it", () => {
    const { payload, dropped } = packNotes([
      ["big", "x".repeat(8000)],
      ["small", 1],
    ]);
    expect(unpackNotes(payload!)).toEqual([["small", 1]]);
    expect(dropped).toEqual(["big"]);
  });

  it.each(["", "{}", "[1]", '[["a"]]', '[[1,"a"]]', "nonsense"])("reads %j as nothing", (payload) => {
    expect(unpackNotes(payload)).toEqual([]);
  });
});
