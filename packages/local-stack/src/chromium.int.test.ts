import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findChromium } from "./chromium";
import { createTemporaryDirectory } from "./temporary-directory";

const directory = createTemporaryDirectory("chromium");
const environment = { ...process.env };
afterEach(() => {
  process.env = { ...environment };
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

function createProgram(name: string, body: string): string {
  const path = join(directory, name);
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

it("takes the browser that CHROMIUM_PATH names", async () => {
  const path = createProgram("my-browser", "echo 'Chromium 150.0.1'");
  process.env["CHROMIUM_PATH"] = path;
  expect(await findChromium()).toBe(path);
});

it("finds a browser on the PATH, and passes by a script that only says how to install one", async () => {
  createProgram("chromium", "echo 'please run snap install chromium' >&2; exit 1");
  const edge = createProgram("microsoft-edge", "echo 'Microsoft Edge 150.0.1'");
  process.env["CHROMIUM_PATH"] = "";
  process.env["PATH"] = directory;
  const found = await findChromium();
  // A machine with a Chromium of its own answers with that one: it has the better name.
  expect([edge, "/usr/bin/chromium", "/usr/bin/google-chrome"]).toContain(found);
});
