import { randomInt } from "node:crypto";
import { createServer } from "node:net";

// Below every system's range of ephemeral ports: an outgoing connection must not take the port
// of a server that is being restarted.
const lowestPort = 17_000;
const highestPort = 32_000;

/** @returns a TCP port on loopback that nobody listened on a moment ago */
export async function findFreePort(): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const port = randomInt(lowestPort, highestPort);
    if (await isPortFree(port)) return port;
  }
  throw new Error(`no free port between ${lowestPort} and ${highestPort}`);
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
