import { setTimeout as sleep } from "node:timers/promises";
import type { EngineEvent, EngineRequest, GenerationEngine } from "../generation-engine";

/** One step of a script: an event, a pause in ms, an error to throw, or "hang" until the signal. */
export type ScriptStep = EngineEvent | number | Error | "hang" | "hang-deaf";

/** What a small file looks like when an engine writes it. */
export function writesFile(path: string, ...texts: readonly string[]): ScriptStep[] {
  return [
    { type: "file:opened", path, op: "write" },
    ...texts.map((text): EngineEvent => ({ type: "file:delta", path, text })),
    { type: "file:completed", path },
  ];
}

/** An engine that does what it is told; `requests` holds what it was asked. */
export function createScriptedEngine(script: (request: EngineRequest) => Iterable<ScriptStep>) {
  const requests: EngineRequest[] = [];
  async function* generate(request: EngineRequest, signal: AbortSignal): AsyncGenerator<EngineEvent> {
    requests.push(request);
    for (const step of script(request)) {
      signal.throwIfAborted();
      if (step instanceof Error) throw step;
      else if (typeof step === "number") await sleep(step, undefined, { signal });
      else if (step === "hang") await sleep(600_000, undefined, { signal });
      else if (step === "hang-deaf") await new Promise(() => undefined);
      else yield step;
    }
  }
  const engine: GenerationEngine = { name: "scripted", generate };
  return { engine, requests };
}
