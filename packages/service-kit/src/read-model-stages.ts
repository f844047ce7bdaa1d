import type { StoredSettings } from "@vibe-friend/contracts/cached-values";
import {
  readModelNames,
  readModelStageSchema,
  stageSetting,
  type ReadModelName,
  type ReadModelStage,
} from "@vibe-friend/contracts/read-model-stage";

/** How far each read model's cache is switched on, as this process knows. Answers from memory. */
export interface ReadModelStages {
  of(model: ReadModelName): ReadModelStage;
  /** Settings that were read or changed just now. */
  learn(settings: StoredSettings): void;
  /** Calls back after a stage has changed. */
  onChange(listener: (model: ReadModelName, stage: ReadModelStage) => void): void;
}

/** `on` until settings that say otherwise are known; a value that this version can't read counts as unset. */
export function createReadModelStages(): ReadModelStages {
  const stages = new Map<ReadModelName, ReadModelStage>();
  const listeners: ((model: ReadModelName, stage: ReadModelStage) => void)[] = [];
  const stageOf = (model: ReadModelName) => stages.get(model) ?? "on";
  return {
    of: stageOf,
    learn({ items }) {
      const values = new Map(items.map(({ key, value }) => [key, value]));
      for (const model of readModelNames) {
        const stage = readModelStageSchema.catch("on").parse(values.get(stageSetting(model)));
        if (stage === stageOf(model)) continue;
        stages.set(model, stage);
        for (const listener of listeners) listener(model, stage);
      }
    },
    onChange: (listener) => void listeners.push(listener),
  };
}

/** Milliseconds between looks: a switch is in force in every process within a second. */
const LOOK_MS = 300;

/** Looks at the settings all the time; what can't be read leaves the stages as they are. */
export function watchReadModelStages(
  stages: Pick<ReadModelStages, "learn">,
  readSettings: () => Promise<StoredSettings>,
): { stop(): void } {
  let isLooking = false;
  async function look(): Promise<void> {
    if (isLooking) return;
    isLooking = true;
    try {
      stages.learn(await readSettings());
    } catch {
      // Known soon enough, or said by those whose settings they are.
    } finally {
      isLooking = false;
    }
  }
  const timer = setInterval(() => void look(), LOOK_MS);
  timer.unref();
  void look();
  return {
    stop() {
      clearInterval(timer);
    },
  };
}
