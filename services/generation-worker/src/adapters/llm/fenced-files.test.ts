import { parseFencedFiles } from "./fenced-files";

const body = ["export const a = 1;", "", "export const b = 2;"];

function block(opening: string, lines: readonly string[] = body, closing = "```"): string {
  return [opening, ...lines, closing].join("\n");
}

describe("parseFencedFiles", () => {
  it.each([
    ["in the info string", block("```ts src/a.ts")],
    ["after a colon", block("```ts:src/a.ts")],
    ["alone in the info string", block("```src/a.ts")],
    ["as a title", block('```ts title="src/a.ts"')],
    ["as an attribute", block("```{.ts filename=src/a.ts}")],
    ["in bold before", `**src/a.ts**\n${block("```ts")}`],
    ["in bold code with a colon before", `**\`src/a.ts\`**:\n\n${block("```ts")}`],
    ["as a heading before", `### 1. \`./src/a.ts\`\n\n${block("```typescript")}`],
    ["with a label before", `**File: src/a.ts**\n${block("```")}`],
    ["in a comment on the first line", block("```ts", ["// src/a.ts", ...body])],
    ["in a block comment on the first line", block("```ts", ["/* src/a.ts */", ...body])],
    ["with tildes", block("~~~ts src/a.ts", body, "~~~")],
    ["with CR LF", `**src/a.ts**\n${block("```ts")}`.replaceAll("\n", "\r\n")],
  ])("finds a file named %s", (_name, answer) => {
    expect(parseFencedFiles(`Sure!\n\n${answer}\n\nEnjoy.`)).toEqual([
      { path: "src/a.ts", content: `${body.join("\n")}\n`, closed: true },
    ]);
  });

  it("finds names without an extension, and those that begin with a dot", () => {
    const answer = `**Dockerfile**\n${block("```dockerfile")}\n**.gitignore**\n${block("```")}`;
    expect(parseFencedFiles(answer).map((file) => file.path)).toEqual(["Dockerfile", ".gitignore"]);
  });

  it.each([
    ["a command", block("```bash", ["npm install"])],
    ["a block far below a name", `**src/a.ts**\nThen run this:\n${block("```bash", ["npm start"])}`],
    ["a name that leaves the project", block("```ts ../../etc/cron.d")],
    ["an absolute name", `**/etc/passwd.txt**\n${block("```")}`],
    ["a shebang", block("```", ["#!/bin/sh.bin"])],
  ])("ignores %s", (_name, answer) => {
    expect(parseFencedFiles(answer)).toEqual([]);
  });

  it("keeps the blocks inside of a Markdown file", () => {
    const readme = ["# A", "", "```bash", "npm start", "```", "", "The end."];
    expect(parseFencedFiles(block("```md README.md", readme))).toEqual([
      { path: "README.md", content: `${readme.join("\n")}\n`, closed: true },
    ]);
  });

  it("marks a block that the answer's end cut off", () => {
    const answer = `${block("```ts a.ts")}\n\`\`\`ts b.ts\nhalf`;
    expect(parseFencedFiles(answer).map(({ path, closed }) => [path, closed])).toEqual([
      ["a.ts", true],
      ["b.ts", false],
    ]);
  });
});
