import { OwnedProcess, type ProcessExit } from "./owned-process";
import type { PlannedService } from "./stack-services";

interface ServiceProcessOptions {
  /** Asked at each start. */
  readonly env: () => Readonly<Record<string, string>>;
  /** Of no use once the owner has died. */
  readonly stackFile: string;
  readonly onLog: (line: string) => void;
  readonly onExit: (exit: ProcessExit, wanted: boolean) => void;
}

/** A service as a process of its own: it is up when `/readyz` says so, and has 30 s to end in good order. */
export function createServiceProcess(service: PlannedService, options: ServiceProcessOptions): OwnedProcess {
  return new OwnedProcess({
    label: service.name,
    command: process.execPath,
    args: ["--enable-source-maps", service.script],
    env: () => ({ HOST: "127.0.0.1", ...options.env(), PORT: String(service.port) }),
    output: options.onLog,
    stopSignal: "SIGTERM",
    stopTimeoutMs: 32_000,
    readyTimeoutMs: 60_000,
    isReady: () => isServiceReady(service.port),
    onExit: options.onExit,
    removePath: options.stackFile,
  });
}

async function isServiceReady(port: number): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(2_000) });
  await response.arrayBuffer();
  return response.ok;
}
