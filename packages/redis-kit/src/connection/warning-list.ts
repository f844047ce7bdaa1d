import type { KitLogger } from "../logger";

/** What is set up badly, as of the last look. */
export interface WarningList {
  current(): readonly string[];
  /** Logs what wasn't there before. */
  replace(warnings: readonly string[]): void;
}

export function createWarningList(role: string, logger: KitLogger): WarningList {
  let current: readonly string[] = [];
  return {
    current: () => current,
    replace(warnings) {
      for (const warning of warnings) {
        if (!current.includes(warning)) logger.warn(`redis ${role}: ${warning}`, { role });
      }
      current = warnings;
    },
  };
}
