import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chownSync, mkdirSync } from "node:fs";

/** How programs that refuse to run as root are run. */
export interface UnprivilegedUser {
  readonly way: "as-is" | "unshare" | "setpriv";
  wrap(command: string, args: readonly string[]): { command: string; args: string[] };
  /** @returns a folder that such a program may write: the given one, or one that stands for it elsewhere */
  placeDirectory(directory: string): string;
}

const nobody = 65_534;
const unshare = ["unshare", "--user", `--map-user=${nobody}`, `--map-group=${nobody}`];
const setpriv = ["setpriv", `--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups"];

/**
 * Not root: programs run as they are. Root: in a user namespace of their own where that is allowed (files stay
 * root's), else as nobody, with folders that nobody can reach.
 *
 * @throws {Error} when root has neither `unshare` nor `setpriv`
 */
export function findUnprivilegedUser(way?: UnprivilegedUser["way"]): UnprivilegedUser {
  const isRoot = process.getuid?.() === 0;
  if (way === "as-is" || (way === undefined && !isRoot)) {
    return {
      way: "as-is",
      wrap: (command, args) => ({ command, args: [...args] }),
      placeDirectory: makeDirectory,
    };
  }
  if (way !== "setpriv" && succeeds([...unshare, "true"])) {
    return { way: "unshare", wrap: wrapIn(unshare), placeDirectory: makeDirectory };
  }
  if (succeeds([...setpriv, "true"])) {
    return { way: "setpriv", wrap: wrapIn(setpriv), placeDirectory: placeForNobody };
  }
  throw new Error(
    "Postgres does not run as root, and neither unshare nor setpriv can help. Use another user.",
  );
}

function wrapIn(prefix: readonly string[]): UnprivilegedUser["wrap"] {
  const [program = "", ...first] = prefix;
  return (command, args) => ({ command: program, args: [...first, command, ...args] });
}

function makeDirectory(directory: string): string {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return directory;
}

/** The checkout may lie below a folder that only root enters. */
function placeForNobody(directory: string): string {
  const name = createHash("sha256").update(directory).digest("hex").slice(0, 16);
  for (const place of [directory, `/var/tmp/vibe-friend-${name}`]) {
    makeDirectory(place);
    chownSync(place, nobody, nobody);
    if (succeeds([...setpriv, "test", "-w", place])) return place;
  }
  throw new Error(
    `no folder for Postgres: neither ${directory} nor /var/tmp can be used by an unprivileged user`,
  );
}

function succeeds([command = "", ...args]: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: "ignore", timeout: 10_000 }).status === 0;
}
