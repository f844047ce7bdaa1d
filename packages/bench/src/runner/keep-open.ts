import type { Entrant } from "./entrant";

/**
 * Entrants for several groups of rows: what takes seconds to start is opened by the first group and closed by `close`,
 * newest first.
 */
export function keepOpen<W>(entrants: readonly Entrant<W>[]): {
  readonly entrants: readonly Entrant<W>[];
  readonly close: () => Promise<void>;
} {
  const opened: (W & { stop(): Promise<void> })[] = [];
  return {
    entrants: entrants.map((entrant) => {
      let scene: (W & { stop(): Promise<void> }) | undefined;
      return {
        ...entrant,
        async open() {
          if (scene === undefined) {
            scene = await entrant.open();
            opened.push(scene);
          }
          return { ...scene, stop: () => Promise.resolve() };
        },
      };
    }),
    async close() {
      for (const scene of opened.splice(0).toReversed()) await scene.stop();
    },
  };
}
