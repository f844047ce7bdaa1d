// What would keep `npm start` from starting, said in one line before anything is installed or built.
// Node built-ins only.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { local } from "./paths.mjs";

/** @throws {Error} with one line, when this checkout's product runs already */
export function checkNotRunning() {
  const running = findRunning();
  if (running) {
    throw new Error(
      `vibe-friend is already running in this checkout (process ${running.pid}) at ${running.url}; stop that one first`,
    );
  }
}

/** @throws {Error} with one line, when another program listens where a gateway is to listen */
export async function checkPorts({ port, gateways }) {
  for (let candidate = port; candidate < port + gateways; candidate += 1) {
    const fault = await findPortFault(candidate);
    if (fault === undefined) continue;
    if (fault === "EACCES") throw new Error(`Port ${candidate} needs root; choose another with PORT=…`);
    throw new Error(`Port ${candidate} is in use by ${findPortOwner(candidate)}; choose another with PORT=…`);
  }
}

/** The start command writes down who it is; a process id that another program has by now doesn't count. */
function findRunning() {
  try {
    const running = JSON.parse(readFileSync(join(local, "start.json"), "utf8"));
    process.kill(running.pid, 0);
    return readCommand(running.pid).includes("start.mjs") ? running : undefined;
  } catch {
    return undefined;
  }
}

async function findPortFault(port) {
  if ((await isAnswered(port, "127.0.0.1")) || (await isAnswered(port, "::1"))) return "EADDRINUSE";
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", (error) => resolve(error.code));
    probe.listen({ port, host: "127.0.0.1", exclusive: true }, () => probe.close(() => resolve(undefined)));
  });
}

function isAnswered(port, host) {
  return new Promise((resolve) => {
    const socket = connect({ port, host, timeout: 500 });
    const finish = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => finish(true));
    socket.once("error", () => finish(false));
    socket.once("timeout", () => finish(false));
  });
}

/** @returns as `node (process 4711)`, as well as this user may know */
function findPortOwner(port) {
  const pid = process.platform === "linux" ? findLinuxListener(port) : findListenerByLsof(port);
  if (pid === undefined) return "another program";
  const command = readCommand(pid).split(" ")[0].split("/").pop();
  return `${command || "another program"} (process ${pid})`;
}

function findLinuxListener(port) {
  const hexPort = port.toString(16).toUpperCase().padStart(4, "0");
  const inodes = new Set(
    ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((table) =>
      readOrEmpty(table)
        .split("\n")
        .map((line) => line.trim().split(/\s+/))
        .filter(([, address, , state]) => state === "0A" && address?.endsWith(`:${hexPort}`))
        .map((fields) => `socket:[${fields[9]}]`),
    ),
  );
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((pid) => listOpenFiles(pid).some((file) => inodes.has(file)));
}

function listOpenFiles(pid) {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
  } catch {
    return [];
  }
}

function findListenerByLsof(port) {
  try {
    const output = execFileSync("lsof", ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-t"], { encoding: "utf8" });
    return Number(output.split("\n", 1)[0]) || undefined;
  } catch {
    return undefined;
  }
}

function readCommand(pid) {
  if (process.platform === "linux") return readOrEmpty(`/proc/${pid}/cmdline`).replaceAll("\0", " ");
  return execFileSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" });
}

function readOrEmpty(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
