import { execFile } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { toolsDirectory } from "./checkout";
import { unpackRedis } from "./redis-unpack";

const execFileAsync = promisify(execFile);

/** A server program that runs here, and what it needs in its environment to do so. */
export interface RedisBinary {
  readonly path: string;
  readonly version: string;
  readonly env: Readonly<Record<string, string>>;
  readonly source: "system" | "unpacked";
}

export interface RedisBinaryOptions {
  /** Where to look, in order (default: both). */
  readonly sources?: readonly RedisBinary["source"][] | undefined;
  /** Where unpacked packages are kept for the next time. */
  readonly toolsDirectory?: string | undefined;
  readonly onProgress?: ((line: string) => void) | undefined;
}

const programs = ["redis-server", "valkey-server"];
const systemFolders = [
  "/usr/local/bin",
  "/usr/bin",
  "/usr/local/sbin",
  "/usr/sbin",
  "/opt/homebrew/bin",
  "/opt/local/bin",
  "/opt/redis/bin",
  "/snap/bin",
  "/home/linuxbrew/.linuxbrew/bin",
];
const oldestMajor = 7;

/** @returns a Redis or Valkey of at least 7.0; undefined when there is none and none can be unpacked */
export async function findRedisBinary(options: RedisBinaryOptions = {}): Promise<RedisBinary | undefined> {
  for (const source of options.sources ?? ["system", "unpacked"]) {
    const binary = source === "system" ? await findSystemRedis() : await findUnpackedRedis(options);
    if (binary !== undefined) return binary;
  }
  return undefined;
}

/** What a person would type to get one. */
export function describeRedisInstallation(): string {
  return process.platform === "darwin" ? "brew install redis" : "sudo apt-get install redis-server";
}

async function findSystemRedis(): Promise<RedisBinary | undefined> {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), ...systemFolders];
  for (const program of programs) {
    for (const folder of new Set(folders)) {
      const path = join(folder, program);
      const version = isExecutable(path) ? await findVersion(path, {}) : undefined;
      if (version !== undefined) return { path, version, env: {}, source: "system" };
    }
  }
  return undefined;
}

async function findUnpackedRedis(options: RedisBinaryOptions): Promise<RedisBinary | undefined> {
  const unpacked = await unpackRedis({
    directory: join(options.toolsDirectory ?? toolsDirectory, "redis"),
    programs,
    isUsable: async (candidate) => (await findVersion(candidate.path, candidate.env)) !== undefined,
    onProgress: options.onProgress,
  });
  const version = unpacked && (await findVersion(unpacked.path, unpacked.env));
  return unpacked && version !== undefined ? { ...unpacked, version, source: "unpacked" } : undefined;
}

/** @returns its version when it runs here and is new enough */
async function findVersion(path: string, env: Readonly<Record<string, string>>): Promise<string | undefined> {
  try {
    const { stdout } = await execFileAsync(path, ["--version"], {
      env: { ...process.env, ...env },
      timeout: 10_000,
    });
    const version = /\bv=(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
    return version !== undefined && Number.parseInt(version, 10) >= oldestMajor ? version : undefined;
  } catch {
    return undefined;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
