import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createClient } from "@vibe-friend/client/client";
import { createCookieJar } from "@vibe-friend/client/cookie-jar";
import { waitUntilEnded } from "./person";
import { waitFor } from "./wait-for";

const root = join(__dirname, "../../..");

interface RunningPart {
  readonly name: string;
  readonly kind: string;
  readonly pid: number;
  readonly url: string;
}

describe("npm start", () => {
  let directory: string;
  let child: ChildProcess;
  let output = "";

  beforeAll(() => {
    mkdirSync(join(root, ".local"), { recursive: true });
    directory = mkdtempSync(join(root, ".local/e2e-start-"));
  });

  afterEach(async () => {
    if (!hasEnded()) await pressCtrlC([]);
  }, 60_000);

  afterAll(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;

  async function start(...flags: string[]): Promise<string> {
    output = "";
    const port = await findFreePort();
    child = spawn("npm", ["start", "--", "--port", String(port), ...flags], {
      cwd: root,
      env: { PATH: process.env["PATH"], HOME: process.env["HOME"], VIBE_LOCAL_DIR: directory },
      // A group of its own, so that a Ctrl-C reaches npm and its children as it does in a terminal.
      detached: true,
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk: Buffer) => (output += chunk.toString()));
    }
    const url = `http://localhost:${port}`;
    await waitFor(
      "the ready line",
      () => {
        return hasEnded() || output.includes(`vibe-friend is ready at ${url}\n`) ? true : undefined;
      },
      { timeoutMs: 60_000 },
    );
    if (hasEnded()) throw new Error(output);
    return url;
  }

  function readStack(): RunningPart[] {
    return JSON.parse(readFileSync(join(directory, "stack.json"), "utf8")) as RunningPart[];
  }

  it("brings everything up, signs the first admin in by link, and leaves nothing behind after Ctrl-C", async () => {
    const url = await start();
    const parts = readStack();
    expect(parts.map(({ name }) => name).sort()).toEqual([
      "api-gateway-1",
      "auth",
      "cache",
      "console",
      "generation-worker-1",
      "notification-1",
      "postgres",
      "redis",
    ]);
    for (const part of parts.filter(({ kind }) => kind === "service")) {
      expect((await fetch(`${part.url}/livez`)).status).toBe(200);
      expect((await fetch(`${part.url}/readyz`)).status).toBe(200);
      expect(await (await fetch(`${part.url}/metrics`)).text()).toContain("process_cpu_seconds_total");
    }

    const link = await waitFor("the link", () => /First admin: .*(http:\S+)/.exec(output)?.[1]);
    const token = new URL(link).hash.replace("#token=", "");
    const client = createClient({ baseUrl: url, cookieJar: createCookieJar() });
    const { user } = await client.auth.redeemLink({ token, password: "correct horse battery staple" });
    expect((await client.auth.session())?.roles).toContain("admin");
    await expect(client.auth.redeemLink({ token })).rejects.toMatchObject({
      problem: { status: 401, code: "invalid_link" },
    });
    const { id } = await client.generations.submit({ prompt: "a library with books (title)" });
    expect(await waitUntilEnded(client, id)).toMatchObject({ userId: user.id, status: "completed" });
    client.close();

    await pressCtrlC(parts);
    expect(existsSync(join(directory, "stack.json"))).toBe(false);
  }, 120_000);

  it("keeps its data, offers no second link, and runs without Redis when told to", async () => {
    const url = await start("--no-redis");
    const parts = readStack();
    expect(parts.some(({ kind }) => kind === "redis")).toBe(false);
    const client = createClient({ baseUrl: url, cookieJar: createCookieJar() });
    await client.auth.login({
      email: "admin@vibe-friend.local",
      password: "correct horse battery staple",
    });
    const { items } = await client.generations.list();
    expect(items.map(({ status }) => status)).toEqual(["completed"]);
    const { id } = await client.generations.submit({ prompt: "a shop with products (name)" });
    expect(await waitUntilEnded(client, id)).toMatchObject({ status: "completed" });
    expect(output).not.toContain("First admin");
    client.close();
    await pressCtrlC(parts);
  }, 120_000);

  it("leaves nothing behind either when Ctrl-C comes at the very moment it is ready", async () => {
    await start();
    await pressCtrlC(readStack());
  }, 120_000);

  async function pressCtrlC(parts: readonly RunningPart[]): Promise<void> {
    process.kill(-(child.pid ?? 0), "SIGINT");
    await waitFor("npm to end", () => (hasEnded() ? true : undefined), { timeoutMs: 40_000 });
    child.stdout?.destroy();
    child.stderr?.destroy();
    const left = parts.filter(({ pid }) => isAlive(pid));
    expect(left).toEqual([]);
  }
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => {
        resolve(typeof address === "object" && address !== null ? address.port : 0);
      });
    });
  });
}
