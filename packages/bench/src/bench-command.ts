import { resolve } from "node:path";
import { parseBenchOptions } from "./bench-options";
import { blocking } from "./benchmarks/blocking";
import { cacheReads } from "./benchmarks/cache-reads";
import { connections } from "./benchmarks/connections";
import { fanOut } from "./benchmarks/fan-out";
import { firstEvent } from "./benchmarks/first-event";
import { httpSessions } from "./benchmarks/http-sessions";
import { outage } from "./benchmarks/outage";
import { sessions } from "./benchmarks/sessions";
import { stampede } from "./benchmarks/stampede";
import { submit } from "./benchmarks/submit";
import { tagInvalidation } from "./benchmarks/tag-invalidation";
import { throughput } from "./benchmarks/throughput";
import { ensurePeers } from "./peers/ensure-peers";
import type { PeerState } from "./peers/peer-packages";
import { killWorkers } from "./process/worker-process";
import type { BenchmarkReport } from "./report/benchmark-report";
import { writeJsonReport } from "./report/json-report";
import { readLoad, readMachineFacts } from "./report/machine-facts";
import { createProgressLine } from "./report/progress-line";
import type { ProgressLine } from "./report/progress-line";
import { formatReport } from "./report/table";
import { createBenchServers } from "./runner/bench-servers";
import type { Benchmark, BenchContext } from "./runner/benchmark";

const benchmarks: readonly Benchmark[] = [
  cacheReads,
  tagInvalidation,
  stampede,
  outage,
  sessions,
  httpSessions,
  connections,
  submit,
  firstEvent,
  throughput,
  fanOut,
  blocking,
];

/** @returns the exit code: 1 when a benchmark could not be run at all; missed targets are no failure */
export async function runBench(args: readonly string[]): Promise<number> {
  const options = parseBenchOptions(
    args,
    benchmarks.map((benchmark) => benchmark.name),
  );
  const { quick, seed, only } = options;
  // npm runs its scripts in the folder of package.json; the name was typed elsewhere, perhaps.
  const json = options.json && resolve(process.env["INIT_CWD"] ?? ".", options.json);
  const wanted = benchmarks.filter(({ name }) => only === undefined || name === only);
  const startedAt = new Date();
  const loadAtStart = readLoad();
  const servers = createBenchServers();
  const progress = createProgressLine(process.stderr);
  const stop = endOnSignal(() => servers.close());
  try {
    const peers = await ensurePeers([...new Set(wanted.flatMap((one) => one.peers))], progress.show);
    for (const peer of peers.values()) if (peer.kind === "missing") progress.tell(peer.reason);
    const findPeer: BenchContext["findPeer"] = (name): PeerState =>
      peers.get(name) ?? { kind: "missing", reason: `${name} was not asked for` };
    const context = { ...servers, quick, seed, findPeer };
    const keep = async (reports: readonly BenchmarkReport[]): Promise<void> => {
      const machine = readMachineFacts(await servers.versions(), loadAtStart);
      if (json !== undefined) writeJsonReport(json, { startedAt, quick, seed, machine, reports });
    };
    // Half an hour is not to be lost for a folder that isn't there.
    await keep([]);
    const { reports, faults } = await runAll(wanted, context, { progress, keep });
    const machine = readMachineFacts(await servers.versions(), loadAtStart);
    progress.clear();
    console.log(
      `${machine.cores} cores (${machine.cpu}), Node ${machine.node}, Redis ${machine.redis}, Postgres ${machine.postgres}, ` +
        `load at the start ${machine.loadAtStart.toFixed(2)}${quick ? "; quick: says little about speed" : ""}`,
    );
    if (json !== undefined) console.log(`${reports.length} benchmarks with all figures are in ${json}.`);
    for (const fault of faults) console.error(fault);
    return faults.length === 0 ? 0 : 1;
  } finally {
    progress.clear();
    stop();
    await servers.close();
  }
}

async function runAll(
  wanted: readonly Benchmark[],
  shared: Omit<BenchContext, "onProgress">,
  {
    progress,
    keep,
  }: { progress: ProgressLine; keep: (reports: readonly BenchmarkReport[]) => Promise<void> },
): Promise<{ reports: BenchmarkReport[]; faults: string[] }> {
  const reports: BenchmarkReport[] = [];
  const faults: string[] = [];
  for (const benchmark of wanted) {
    const onProgress = (line: string): void => {
      progress.show(`${benchmark.name}: ${line}`);
    };
    try {
      const report = await benchmark.run({ ...shared, onProgress });
      reports.push(report);
      await keep(reports);
      progress.clear();
      console.log(`${formatReport(report)}\n`);
    } catch (error) {
      faults.push(
        `${benchmark.name} could not be run: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  return { reports, faults };
}

/** Ctrl-C ends what was started; what is left then is ended by the processes' watcher. */
function endOnSignal(close: () => Promise<void>): () => void {
  const onSignal = (signal: NodeJS.Signals): void => {
    killWorkers();
    const exit = (): never => process.exit(signal === "SIGINT" ? 130 : 143);
    setTimeout(exit, 3000);
    void close().then(exit, exit);
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, onSignal);
  return () => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.off(signal, onSignal);
  };
}
