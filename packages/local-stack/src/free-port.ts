import { randomInt } from "node:crypto";
import { mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

// Below every system's range of ephemeral ports: an outgoing connection must not take the port
// of a server that is being restarted.
const lowestPort = 17_000;
const highestPort = 32_000;
// Long enough for a slow server to begin to listen.
const reservationMs = 120_000;

/**
 * @returns a TCP port on loopback that nobody listens on, and that no other process of this user is given by this
 * function for the next two minutes
 */
export async function findFreePort(): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const port = randomInt(lowestPort, highestPort);
    if (reservePort(port) && (await isPortFree(port))) return port;
  }
  throw new Error(`no free port between ${lowestPort} and ${highestPort}`);
}

/** Two stacks that start at the same time, perhaps in two checkouts, must not be given the same port. */
function reservePort(port: number): boolean {
  const directory = join(tmpdir(), `vibe-friend-ports-${userInfo().uid}`);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, String(port));
  try {
    if (Date.now() - statSync(path).mtimeMs > reservationMs) rmSync(path, { force: true });
  } catch {
    // Nobody has reserved it.
  }
  try {
    writeFileSync(path, "", { flag: "wx" });
    return true;
  } catch {
    return false;
  }
}

/** @returns whether a server could listen on this address now */
export function isPortFree(port: number, host = "127.0.0.1"): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => {
      resolve(false);
    });
    probe.listen({ port, host, exclusive: true }, () => {
      probe.close(() => {
        resolve(true);
      });
    });
  });
}
