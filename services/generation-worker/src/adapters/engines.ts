import type { GenerationEngine } from "../domain/generation-engine";
import type { Engines } from "../domain/ports";

/** The engines this process is set up for, by name. */
export function createEngines(engines: readonly GenerationEngine[]): Engines {
  const byName = new Map(engines.map((engine) => [engine.name, engine]));
  return { find: (name) => byName.get(name) };
}
