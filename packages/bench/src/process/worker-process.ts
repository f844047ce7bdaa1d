import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import type { WorkerAnswer, WorkerCall } from "./worker-protocol";
import type { WorkerKinds } from "./worker-kinds";

/** A worker in a process of its own. */
export interface WorkerProcess<M> {
  readonly call: M;
  /** Ends the process; whoever waits for an answer is told so. */
  stop(): Promise<void>;
}

type SetupOf<K extends keyof WorkerKinds> = Parameters<WorkerKinds[K]>[0];
type MethodsOf<K extends keyof WorkerKinds> = Awaited<ReturnType<WorkerKinds[K]>>;

const running = new Set<ChildProcess>();

/**
 * Starts a process with one contestant in it: heaps, garbage and compiled code of contestants stay apart.
 *
 * @throws {Error} what opening it threw; the process has ended then
 */
export async function startWorker<K extends keyof WorkerKinds>(
  kind: K,
  setup: SetupOf<K>,
): Promise<WorkerProcess<MethodsOf<K>>> {
  const child = fork(join(__dirname, "worker-main.js"), [kind], {
    serialization: "advanced",
    stdio: ["ignore", "inherit", "pipe", "ipc"],
    execArgv: readWorkerFlags(),
  });
  running.add(child);
  let lastWords = "";
  // Libraries complain aloud of every lost connection; only why a process died is worth telling.
  child.stderr?.on("data", (chunk: Buffer) => {
    lastWords = `${lastWords}${chunk.toString()}`.slice(-2000);
  });
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let lastId = 0;
  child.on("message", (message) => {
    const answer = message as WorkerAnswer;
    const asker = waiting.get(answer.id);
    waiting.delete(answer.id);
    if (answer.ok) asker?.resolve(answer.value);
    else asker?.reject(new Error(answer.message));
  });
  const exited = new Promise<void>((resolve) => {
    child.once("exit", (code, signal) => {
      running.delete(child);
      const error = new Error(
        `its process ended (${signal ?? `exit ${code ?? "?"}`}) ${findError(lastWords)}`,
      );
      for (const asker of waiting.values()) asker.reject(error);
      waiting.clear();
      resolve();
    });
  });

  function ask(method: string, argument?: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      lastId += 1;
      waiting.set(lastId, { resolve, reject });
      const call: WorkerCall = { id: lastId, method, argument };
      child.send(call, (error) => {
        if (error !== null) reject(error);
      });
    });
  }

  async function stop(): Promise<void> {
    const timer = setTimeout(() => child.kill("SIGKILL"), 3000);
    if (child.connected) child.disconnect();
    await exited;
    clearTimeout(timer);
  }

  try {
    await ask("open", setup);
  } catch (error) {
    await stop();
    throw error;
  }
  const call = new Proxy(
    {},
    { get: (_target, method) => (argument?: unknown) => ask(String(method), argument) },
  );
  return { call: call as MethodsOf<K>, stop };
}

/** BENCH_WORKER_FLAGS, as "--cpu-prof", goes to every worker's Node. */
function readWorkerFlags(): string[] {
  return ["--enable-source-maps", ...(process.env["BENCH_WORKER_FLAGS"] ?? "").split(" ").filter(Boolean)];
}

function findError(text: string): string {
  return (
    text
      .split("\n")
      .findLast((line) => /error/i.test(line))
      ?.trim() ?? ""
  );
}

/** For a Ctrl-C. */
export function killWorkers(): void {
  for (const child of running) child.kill("SIGKILL");
}
