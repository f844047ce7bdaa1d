import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { localDirectory } from "@vibe-friend/local-stack/checkout";
import { peerPackages } from "./peer-packages";
import type { PeerName, Peers, PeerState } from "./peer-packages";

const execFileAsync = promisify(execFile);
const installTimeoutMs = 180_000;

/** Each peer in a folder of its own, `.local/bench-peers/<peer>`: they are no part of this product's dependencies. */
const peersDirectory = process.env["BENCH_PEERS_DIR"] ?? join(localDirectory, "bench-peers");

/** Installs the peers that are wanted and not there in their pinned versions yet; one failing is no end of the others. */
export async function ensurePeers(
  wanted: readonly PeerName[],
  onProgress: (line: string) => void,
): Promise<Peers> {
  const states = new Map<PeerName, PeerState>();
  for (const name of wanted) {
    const directory = join(peersDirectory, name);
    if (!isInstalled(name, directory)) onProgress(`installing ${name} (once)`);
    states.set(name, await ensurePeer(name, directory));
  }
  return states;
}

async function ensurePeer(name: PeerName, directory: string): Promise<PeerState> {
  if (isInstalled(name, directory)) return { kind: "installed", directory };
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const manifest = { name: `bench-peer-${name}`, private: true, dependencies: peerPackages[name] };
  writeFileSync(join(directory, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  try {
    await runNpmInstall(directory);
  } catch (error) {
    return { kind: "missing", reason: `${name} could not be installed: ${describeNpmFault(error)}` };
  }
  return isInstalled(name, directory)
    ? { kind: "installed", directory }
    : { kind: "missing", reason: `${name} could not be installed: npm left other versions than asked for` };
}

function isInstalled(name: PeerName, directory: string): boolean {
  return Object.entries(peerPackages[name]).every(([dependency, version]) => {
    const manifest = join(directory, "node_modules", dependency, "package.json");
    if (!existsSync(manifest)) return false;
    return (JSON.parse(readFileSync(manifest, "utf8")) as { version?: string }).version === version;
  });
}

async function runNpmInstall(directory: string): Promise<void> {
  const path = process.env["npm_execpath"];
  const [program, first] = path === undefined ? ["npm", []] : [process.execPath, [path]];
  const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
  // Without a network it is said within seconds.
  const patience = ["--fetch-retries=1", "--fetch-retry-mintimeout=1000"];
  const flags = [...quiet, ...patience, "--ignore-scripts", "--workspaces=false"];
  await execFileAsync(program, [...first, "install", ...flags], {
    cwd: directory,
    timeout: installTimeoutMs,
    env: withoutNpmState(process.env),
  });
}

/** Started through `npm run`, npm hands the outer project's place down; the peers' is another. */
function withoutNpmState(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const isOfOuter = /^npm_(package|lifecycle|config_(local_prefix|workspace))/i;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !isOfOuter.test(name)));
}

/** npm's first words that name a cause. */
export function describeNpmFault(error: unknown): string {
  const { stderr = "", message, killed } = error as { stderr?: string; message?: string; killed?: boolean };
  if (killed === true) return `npm took longer than ${installTimeoutMs / 1000} s`;
  const lines = stderr.split("\n").map((line) => line.replace(/^npm (error|ERR!)\s*/i, "").trim());
  return (
    lines.find((line) => line !== "" && !/^(code|errno|syscall|npm warn)\b/i.test(line)) ??
    message ??
    "npm failed"
  );
}
