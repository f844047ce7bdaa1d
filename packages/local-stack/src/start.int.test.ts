import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const script = resolve(__dirname, "../bin/start.mjs");
const preflight = pathToFileURL(resolve(__dirname, "../bin/preflight.mjs")).href;

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Runs `npm start`'s script; none of these cases gets as far as installing or building anything. */
function runStart(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  return runNode([script, ...args], env);
}

/** The check alone: the product may well be running in this checkout while it is tested. */
function checkPorts(options: { port: number; gateways: number }): Promise<Ended> {
  const call = `import { checkPorts } from ${JSON.stringify(preflight)};
    await checkPorts(${JSON.stringify(options)}).catch(({ message }) => { console.error(message); process.exit(1); });`;
  return runNode(["--input-type=module", "-e", call], {});
}

function runNode(args: readonly string[], env: Record<string, string>): Promise<Ended> {
  return new Promise((resolveEnded, reject) => {
    const inherited = { ...process.env, PORT: "", WORKERS: "", NOTIFIERS: "", GATEWAYS: "" };
    const child = spawn(process.execPath, args, {
      env: { ...inherited, ...env },
      timeout: 20_000,
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.once("error", reject);
    child.once("close", (code) => {
      resolveEnded({ code, output });
    });
  });
}

it.each([
  [["--bogus"], {}, /^Unknown option '--bogus'; options: --port N, .*\n$/],
  [["stray"], {}, /^Unexpected argument 'stray'.*; options: .*\n$/],
  [["--port", "http"], {}, /^PORT is "http"; allowed is a whole number from 1 to 65535\n$/],
  [["--port"], {}, /^Option '--port <value>' argument missing; options: .*\n$/],
  [
    ["--gateways", "2", "--port", "65535"],
    {},
    /^PORT is "65535"; allowed is a whole number from 1 to 65534\n$/,
  ],
  [[], { WORKERS: "many" }, /^WORKERS is "many"; allowed is a whole number from 1 to 32\n$/],
  [[], { PORT: "0" }, /^PORT is "0"; allowed .*\n$/],
])("refuses %j with %j in one clear line", async (args, env, line) => {
  expect(await runStart(args, env)).toEqual({ code: 1, output: expect.stringMatching(line) as string });
});

it("lets a flag win over the environment", async () => {
  expect(await runStart(["--workers", "3", "--help"], { WORKERS: "many" })).toMatchObject({ code: 0 });
});

describe("when the port is taken", () => {
  const holder = createServer();
  let port = 0;
  beforeAll(async () => {
    await new Promise<void>((listening) => holder.listen(0, "0.0.0.0", listening));
    port = (holder.address() as { port: number }).port;
  });
  afterAll(() => {
    holder.close();
  });

  it("says by whom, in one line", async () => {
    const { code, output } = await checkPorts({ port, gateways: 1 });
    expect(code).toBe(1);
    expect(output).toBe(
      `Port ${port} is in use by node (process ${process.pid}); choose another with PORT=…\n`,
    );
  });

  it("says so for a further gateway's port too", async () => {
    const { code, output } = await checkPorts({ port: port - 1, gateways: 2 });
    expect(code).toBe(1);
    expect(output).toContain(`is in use by`);
  });
});
