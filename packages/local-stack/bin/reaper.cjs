// Ends processes whose owner has died. Started by process-ledger.ts, in a session of its own so that
// a signal to the terminal's group does not reach it.
//
//   reaper.cjs <ledger folder>                       ends what dead owners left, then exits
//   reaper.cjs <ledger folder> <pid> <started at>    first waits for that owner to die
const { spawnSync } = require("node:child_process");
const { readFileSync, readdirSync, rmSync } = require("node:fs");
const { join } = require("node:path");

const [ledger, ownerPid, ownerStartedAt] = process.argv.slice(2);
const pollMs = 200;
const graceMs = 5_000;

function findProcessStart(pid) {
  if (process.platform !== "linux") {
    const line = spawnSync("ps", ["-o", "stat=,lstart=", "-p", String(pid)], {
      encoding: "utf8",
    }).stdout.trim();
    return line === "" || line.startsWith("Z") ? undefined : line.replace(/^\S+\s+/, "");
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return undefined;
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}:${fields[19]}`;
  } catch {
    return undefined;
  }
}

const isRunning = ({ pid, startedAt }) => findProcessStart(pid) === startedAt;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function send(entry, signal) {
  try {
    if (isRunning(entry)) process.kill(entry.pid, signal);
  } catch {
    // It ended in between.
  }
}

function listEntries() {
  let names = [];
  try {
    names = readdirSync(ledger).filter((name) => name.endsWith(".json"));
  } catch {
    // Nothing was ever started here.
  }
  return names.flatMap((name) => {
    const path = join(ledger, name);
    try {
      return [{ path, ...JSON.parse(readFileSync(path, "utf8")) }];
    } catch {
      return [];
    }
  });
}

async function endProcess(entry) {
  send(entry, entry.stopSignal);
  send(entry, "SIGCONT");
  const deadline = Date.now() + graceMs;
  while (isRunning(entry) && Date.now() < deadline) await sleep(50);
  send(entry, "SIGKILL");
  while (isRunning(entry)) await sleep(20);
  rmSync(entry.path, { force: true });
  if (entry.removePath) rmSync(entry.removePath, { recursive: true, force: true });
}

async function main() {
  if (ownerPid) {
    const owner = { pid: Number(ownerPid), startedAt: ownerStartedAt };
    while (isRunning(owner)) await sleep(pollMs);
  }
  if (ownerPid) rmSync(join(ledger, `${ownerPid}.reaper`), { force: true });
  await Promise.all(
    listEntries()
      .filter((entry) => !isRunning(entry.owner))
      .map(endProcess),
  );
}

void main();
