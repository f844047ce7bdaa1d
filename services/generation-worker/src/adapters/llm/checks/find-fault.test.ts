import { findFault } from "./find-fault";

const ts = (line: string) => `export function a() {\n  ${line}\n  return 1;\n}\n`;

describe("findFault", () => {
  it.each([
    "// ... existing code ...",
    "// ...existing code...",
    "// rest unchanged",
    "// Rest of the file remains unchanged",
    "// ... rest of the file",
    "// ...rest of the code remains the same",
    "// rest of the implementation goes here",
    "// ... other methods ...",
    "// Other methods remain the same",
    "// (rest of the code is unchanged)",
    "// [... rest of the component ...]",
    "// TODO: rest of the file",
    "// TODO: implement the remaining endpoints",
    "// TODO: implement",
    "// your code here",
    "// Add your logic here",
    "// implementation omitted for brevity",
    "// omitted for brevity",
    "// remaining imports here",
    "// ... same as before",
    "// ... unchanged ...",
    "// ... more routes",
    "// ...",
    "// …",
    "/* ... existing styles ... */",
    "/* … */",
    "{/* ... rest of the form ... */}",
    "return 2; // ... rest unchanged",
    "if (a) { /* ... existing code ... */ }",
    "...",
    "…",
    "... rest of the code ...",
    "[... existing code ...]",
  ])("finds what stands for something left out: %s", (line) => {
    expect(findFault("src/a.ts", ts(line))).toMatch(/^line 2 stands for something left out \(“/);
  });

  it.each([
    ["a.py", "def a():\n    # ... rest of the function\n    pass\n"],
    ["a.py", "# rest of the code unchanged\n"],
    ["a.sql", "-- ... other tables, omitted\n-- rest of the file unchanged\n"],
    ["a.html", "<p></p>\n<!-- ... existing code ... -->\n"],
    ["a.css", "a { color: red }\n/* rest of the styles unchanged */\n"],
    ["README.md", "# A\n\n<!-- rest of the file unchanged -->\n"],
    ["a.yml", "a: 1\n# ... rest of the config\n"],
    ["Dockerfile", "FROM node\n# ...\n"],
  ])("knows the comments of %s: %j", (path, content) => {
    expect(findFault(path, content)).toContain("left out");
  });

  it.each([
    "f(...args);",
    "const { id, ...rest } = row as { id: string };",
    "const b = {\n    ...rest,\n    ...existing,\n    ...other,\n  };",
    "const c = [\n    ...previous,\n    ...more,\n  ];",
    'log("Loading...");',
    'const hint = "... existing code ...";',
    "// Read the rest of the file, if there is any.",
    "// the rest of the file is streamed",
    "// Other fields stay the same.",
    "// Existing files are left as is.",
    "// wait for the other side...",
    "// remaining bytes",
    "// More on this below...",
    "// ...and hands it to the next one.",
    "// TODO: paginate once there are more than 100",
    "// Here we go.",
    "// keep the remaining members unchanged",
    "// unchanged",
    "/**\n   * ...\n   */",
    "// e.g. a, b, c, ...",
    "// from 1..10",
    "const existing = 1; // other code",
  ])("leaves honest text alone: %s", (line) => {
    const declared = "declare const args: number[], row: unknown, rest: object, existing: object;\n";
    expect(findFault("src/a.ts", declared + ts(line))).toBeUndefined();
  });

  it.each([
    ["a.py", "class P(Protocol):\n    def a(self) -> int:\n        ...\n"],
    ["a.pyi", "def a() -> int: ...\n...\n"],
    ["a.yaml", "---\na: 1\n...\n---\nb: 2\n"],
    ["README.md", "Run it:\n\n```\n...\n// ... existing code ...\n```\n\nThe rest is unchanged.\n...\n"],
    ["notes.txt", "... rest of the code ...\n"],
    ["LICENSE", "The above copyright notice\n"],
    ["empty.ts", ""],
  ])("leaves %s alone: %j", (path, content) => {
    expect(findFault(path, content)).toBeUndefined();
  });

  it.each([
    ["a.ts", "export const a: number = ;\n", /can't be parsed: .*\(1:25\)/],
    ["a.ts", "export function a() {\n  return 1;\n", /can't be parsed/],
    ["a.ts", "```ts\nexport const a = 1;\n```\n", /Markdown fence/],
    ["Dockerfile", "```dockerfile\nFROM node\n```\n", /Markdown fence/],
    ["a.tsx", "export const A = () => <p>;\n", /can't be parsed/],
    ["a.js", "const a = 1;\nconst a = 2;\n", /already been declared/],
    ["a.mjs", "import {a from 'b';\n", /can't be parsed/],
    ["package.json", '{"name":"a",}\n', /can't be parsed/],
    ["package.json", "", /can't be parsed/],
    ["tsconfig.json", '{"a": [1, 2}\n', /can't be parsed/],
    ["a.yml", "a: [1, 2\nb: 3\n", /can't be parsed/],
    ["a.yaml", "a: 1\n   b: 2\n  - c\n", /can't be parsed/],
  ])("finds what is wrong with %s: %j", (path, content, message) => {
    expect(findFault(path, content)).toMatch(message);
  });

  it.each([
    [
      "a.ts",
      'import type { A } from "./a.js";\nenum B { C }\nabstract class D<const T> { @E() f!: T; constructor(@E() private readonly g: A) {} }\nexport default D satisfies unknown;\n',
    ],
    ["a.ts", "function a(b: string): void;\nfunction a(b: number): void;\nfunction a() {}\n"],
    ["a.ts", "const a = <T,>(b: T) => <string>(<unknown>b);\nawait using c = d();\n"],
    ["a.d.ts", "declare module 'a' { export function b(c: string): void; }\nexport function d(): void;\n"],
    ["a.mts", 'import a from "./a.json" with { type: "json" };\nexport { a };\n'],
    ["a.cts", "import a = require('a');\nexport = a;\n"],
    ["a.tsx", "export const A = <T,>({ a, ...rest }: { a: T }) => <p {...rest}>{String(a)}</p>;\n"],
    ["a.js", "#!/usr/bin/env node\nconst a = <p>text</p>;\nmodule.exports = { a };\n"],
    ["a.js", "return 1;\n"],
    ["a.js", "// @flow\nconst a: number = 1;\n"],
    ["a.cjs", "with (a) { b = 010; }\n"],
    ["package.json", '\uFEFF{"a":1}\n'],
    ["tsconfig.json", '{\n  // strict\n  "compilerOptions": { "strict": true, },\n}\n'],
    [".vscode/settings.json", "{ /* none */ }\n"],
    ["a.yml", "on: push\njobs:\n  a:\n    steps:\n      - run: echo ${{ github.sha }}\n"],
    ["compose.yml", "a: &a\n  b: 1\nc:\n  <<: *a\n  d: !Ref x\n"],
    ["chart/templates/a.yaml", "{{- if .Values.a }}\na: {{ .Values.a }}\n{{- end }}\n"],
    ["a.html", "<p><b></p>"],
    ["a.css", "a { color"],
    ["a.py", "def a(:\n"],
  ])("takes %s for what it is: %j", (path, content) => {
    expect(findFault(path, content)).toBeUndefined();
  });

  it("takes a nesting too deep for a parser as it is", () => {
    expect(findFault("a.ts", "[".repeat(100_000))).toBeUndefined();
    expect(findFault("a.yml", "[".repeat(100_000))).toBeUndefined();
  });

  it.each(["a.ts", "a.yml", "a.json", "a.txt"])(
    "goes through 8 MB of %s in time",
    (path) => {
      for (const line of ["const a = 1; // ... \n", "x".repeat(150), ".\n", "// ... a\n", "- a: [1, 2]\n"]) {
        const before = process.cpuUsage();
        findFault(path, line.repeat(Math.ceil((8 * 1024 * 1024) / line.length)));
        expect(process.cpuUsage(before).user / 1_000).toBeLessThan(9_000);
      }
    },
    30_000,
  );
});
