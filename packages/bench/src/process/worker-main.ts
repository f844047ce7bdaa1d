// One contestant in a process of its own. Ends when its parent is gone or has let go of it.
import { workerKinds } from "./worker-kinds";
import type { WorkerAnswer, WorkerCall } from "./worker-protocol";

type Method = (argument: unknown) => Promise<unknown>;
type Worker = Readonly<Partial<Record<string, Method>>>;
type Open = (setup: unknown) => Promise<Worker>;

const kinds = workerKinds as unknown as Readonly<Partial<Record<string, Open>>>;
const open = kinds[process.argv[2] ?? ""];
let worker: Worker | undefined;

async function run({ method, argument }: WorkerCall): Promise<unknown> {
  if (open === undefined) throw new Error("there is no such worker");
  if (method === "open") {
    worker = await open(argument);
    return undefined;
  }
  const call = worker?.[method];
  if (call === undefined) throw new Error(`the worker has no ${method}`);
  return call(argument);
}

process.on("message", (message) => {
  const call = message as WorkerCall;
  const send = (answer: WorkerAnswer): void => void process.send?.(answer);
  run(call).then(
    (value) => {
      send({ id: call.id, ok: true, value });
    },
    (error: unknown) => {
      send({ id: call.id, ok: false, message: error instanceof Error ? error.message : String(error) });
    },
  );
});

process.once("disconnect", () => {
  const timer = setTimeout(() => process.exit(), 1000);
  const closing = worker?.["close"]?.(undefined) ?? Promise.resolve();
  void closing.finally(() => {
    clearTimeout(timer);
    process.exit();
  });
});

// Only its parent ends it: a Ctrl-C in the terminal reaches the whole group.
process.on("SIGINT", () => undefined);
