import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { generateProject } from "./generate-project";

const run = promisify(execFile);

const RICH =
  "A library with books (title, isbn unique, pages int optional, price, status one of draft, published default draft, " +
  "publishedAt date) that belong to authors (name, email unique). Loans (borrowedAt, returnedAt optional) belong to a book.";
const MANY_TO_MANY =
  "Blog: posts (title, body, tags) and tags (name unique); posts have many tags and tags have many posts; comments (body) " +
  "belong to posts. Users (name, email) have one profile (bio, website optional). Categories (name) belong to categories.";

/** npm, away from this repository's settings and from any database but the project's own. */
async function npm(folder: string, ...command: string[]): Promise<string> {
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      !/^(npm_|NODE_OPTIONS|NODE_ENV|JEST_|(TEST_)?DATABASE_URL)/i.test(name) ||
      /^npm_config_(registry|cafile|cache)/i.test(name),
  );
  const env = { ...Object.fromEntries(kept), CI: "true", FORCE_COLOR: "0" };
  const { stdout } = await run("npm", command, { cwd: folder, env, timeout: 180_000, maxBuffer: 20_000_000 });
  return stdout;
}

async function proveProject(prompt: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "generated-project-"));
  try {
    const { files } = await generateProject(prompt);
    for (const { path, content } of files) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), content);
    }
    await npm(folder, "install", "--no-audit", "--no-fund");
    await npm(folder, "run", "typecheck");
    await npm(folder, "run", "build");
    return await npm(folder, "test");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe("a generated project", () => {
  it("installs, type-checks, builds and passes its own tests with nothing but Node", async () => {
    const output = await proveProject(RICH);
    expect(output).toMatch(/^(#|ℹ) fail 0$/m);
    expect(Number(/^(?:#|ℹ) pass (\d+)$/m.exec(output)?.[1])).toBeGreaterThan(30);
  }, 240_000);
});

// A second installation costs half a minute, so this one belongs to the full run (VIBE_TEST_FULL=1).
if (process.env["VIBE_TEST_FULL"] === "1") {
  describe("a generated project with many-to-many, one-to-one and a tree", () => {
    it("installs, type-checks, builds and passes its own tests", async () => {
      expect(await proveProject(MANY_TO_MANY)).toMatch(/^(#|ℹ) fail 0$/m);
    }, 240_000);
  });
}
