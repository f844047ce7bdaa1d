import fc from "fast-check";
import hljs from "highlight.js/lib/core";
import typescript from "highlight.js/lib/languages/typescript";
import {
  BLOCK_LINES,
  extendHighlight,
  escapeHtml,
  longestLine,
  renderLines,
  splitHighlighted,
  toBlocks,
  type HighlightedPrefix,
} from "./highlight-lines";

hljs.registerLanguage("typescript", typescript);

function highlight(code: string): string {
  return hljs.highlight(code, { language: "typescript", ignoreIllegals: true }).value;
}

function textOf(html: string): string {
  return html
    .replace(/<[^>]*>/g, "")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#x27;", "'")
    .replaceAll("&amp;", "&");
}

const code = fc
  .array(fc.constantFrom("/* a", "*/", "`x ${", "}`", "\n", "const a = 1;", "<b>", "&amp;", '"', "// y", " "))
  .map((parts) => parts.join(""));

describe("highlighted lines", () => {
  it("hold the same text as the code, line by line, with every span closed", () => {
    fc.assert(
      fc.property(code, (source) => {
        const { lines } = splitHighlighted(highlight(source));
        expect(lines.map(textOf)).toEqual(source.split("\n"));
        for (const line of lines) {
          expect(line.match(/<span /g)?.length ?? 0).toBe(line.match(/<\/span>/g)?.length ?? 0);
        }
      }),
    );
  });

  it("show all of a text of which only the beginning was highlighted", () => {
    fc.assert(
      fc.property(code, fc.nat(), (source, cut) => {
        const beginning = source.slice(0, cut % (source.length + 1));
        const lines = renderLines(source, {
          source: beginning,
          ...splitHighlighted(highlight(beginning)),
        });
        expect(lines.map(textOf)).toEqual(source.split("\n"));
      }),
    );
  });

  it("keep all of the text when they are extended piece by piece", () => {
    fc.assert(
      fc.property(code, fc.array(fc.nat(30), { maxLength: 8 }), (source, steps) => {
        let prefix: HighlightedPrefix | undefined;
        let upTo = 0;
        for (const step of [...steps, source.length]) {
          upTo = Math.min(source.length, upTo + step);
          prefix = extendHighlight(source.slice(0, upTo), prefix, highlight);
          expect(prefix.lines.map(textOf)).toEqual(source.slice(0, upTo).split("\n"));
        }
      }),
    );
  });

  it("go on from inside a comment as the comment", () => {
    const begun = extendHighlight("a;\n/* one\ntwo", undefined, highlight);
    const { lines } = extendHighlight("a;\n/* one\ntwo\nthree */", begun, highlight);
    expect(lines[3]).toContain("hljs-comment");
  });

  it("forget the highlighting of a file that was started over", () => {
    expect(renderLines("new", { source: "old", lines: ["<span>old</span>"], restartLine: 0 })).toEqual([
      "new",
    ]);
  });

  it("never let code become markup", () => {
    expect(escapeHtml("<img onerror=x> && y")).toBe("&lt;img onerror=x&gt; &amp;&amp; y");
  });
});

describe("blocks", () => {
  it("keep all that is above a change", () => {
    const lines = Array.from({ length: BLOCK_LINES * 2 + 5 }, (_, line) => `line ${line}`);
    const before = toBlocks(lines);
    const after = toBlocks([...lines, "more"]);
    expect(before).toHaveLength(3);
    expect(after.slice(0, 2)).toEqual(before.slice(0, 2));
    expect(after[2]).not.toBe(before[2]);
  });

  it("count no line after a final line break", () => {
    expect(toBlocks(["a", "b", ""])).toEqual(["a\nb"]);
    expect(toBlocks([""])).toEqual([]);
  });
});

it("measures the longest line in columns", () => {
  expect(longestLine("ab\nabcd\n")).toBe(4);
  expect(longestLine("\tx\n图图")).toBe(4);
});
