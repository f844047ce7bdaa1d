import type { EngineEvent } from "../../domain/generation-engine";
import type { Narrator } from "./narrator";
import type { ProgramFile } from "./program-files";

/** Files asked for in one call: more wouldn't fit into an answer. */
const MAX_FILES_A_CALL = 20;
/** What is kept in memory to be put back where a repair fails; a file beyond it isn't asked for again. */
const MAX_HELD_CHARACTERS = 16 * 1024 * 1024;

export interface BrokenFile {
  readonly path: string;
  /** In a few words, such as "line 3 stands for something left out". */
  readonly fault: string;
}

/** The files that can't be used as they came. Each is asked for once more; then it stays as it is. */
export interface Repairs {
  /** Every time a file was completed, with what is wrong with it. */
  checked(file: ProgramFile, fault: string | undefined): EngineEvent[];
  /** What is to be asked for next; it counts as asked for from now on. */
  takeNext(): readonly BrokenFile[];
  /** The text of a file that was asked for and hasn't come since. */
  earlierTextOf(path: string): string | undefined;
  /** Says of every file that hasn't come again that it is kept. */
  giveUp(): EngineEvent[];
}

interface Broken {
  readonly fault: string;
  readonly content: string;
}

export function createRepairs(narrator: Narrator): Repairs {
  const waiting = new Map<string, Broken>();
  /** The answer that should hold them is being read. */
  const asked = new Map<string, Broken>();
  const wasAsked = new Set<string>();

  function keep(path: string, fault: string): EngineEvent {
    return narrator.warn(`${path} is kept as it is and needs a look: ${fault}.`);
  }

  function hasRoom(content: string): boolean {
    const held = [...waiting.values(), ...asked.values()].reduce((sum, file) => sum + file.content.length, 0);
    return held + content.length <= MAX_HELD_CHARACTERS;
  }

  return {
    checked({ path, content }, fault) {
      const isAnswer = asked.delete(path);
      waiting.delete(path);
      if (fault === undefined) return isAnswer ? [narrator.info(`${path} came again and is in order.`)] : [];
      if (wasAsked.has(path) || !hasRoom(content)) return [keep(path, fault)];
      waiting.set(path, { fault, content });
      return [narrator.warn(`${path} can't stay as it is: ${fault}. The model will be asked for it again.`)];
    },
    takeNext() {
      const next = [...waiting].slice(0, MAX_FILES_A_CALL);
      for (const [path, broken] of next) {
        waiting.delete(path);
        asked.set(path, broken);
        wasAsked.add(path);
      }
      return next.map(([path, { fault }]) => ({ path, fault }));
    },
    earlierTextOf: (path) => asked.get(path)?.content,
    giveUp() {
      const kept = [...asked, ...waiting].map(([path, { fault }]) => keep(path, fault));
      asked.clear();
      waiting.clear();
      return kept;
    },
  };
}
