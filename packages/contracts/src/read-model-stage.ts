import { z } from "zod";

export const readModelNames = ["permissions", "settings", "statistics", "users"] as const;
export const readModelNameSchema = z.enum(readModelNames);
export type ReadModelName = z.infer<typeof readModelNameSchema>;

/**
 * How far a read model's cache is switched on. `off`: its source alone. `shadow`: its source answers, the cache
 * is read and written beside it and compared. `on`: the cache answers.
 */
export const readModelStageSchema = z.enum(["off", "shadow", "on"]);
export type ReadModelStage = z.infer<typeof readModelStageSchema>;

/** The setting that holds it; unset: `on`. */
export function stageSetting<N extends ReadModelName>(model: N): `cache.${N}.stage` {
  return `cache.${model}.stage`;
}
