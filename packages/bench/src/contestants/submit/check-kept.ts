import type { SubmitCounts } from "./submit-contestant";

interface Kept {
  readonly before: SubmitCounts;
  readonly after: SubmitCounts;
  readonly accepted: number;
}

/**
 * Everything that was accepted must lie there, once. Where the row is the job, Redis may hold fewer: a hand-over that
 * took too long went to the workers another way.
 *
 * @returns what is wrong
 */
export function checkKept({ before, after, accepted }: Kept): string | undefined {
  for (const place of ["rows", "jobs"] as const) {
    if (after[place] === undefined) continue;
    const kept = after[place] - (before[place] ?? 0);
    const mayMiss = place === "jobs" && after.rows !== undefined;
    if (kept > accepted || (kept < accepted && !mayMiss))
      return `${accepted} were accepted, and ${kept} ${place} were kept`;
  }
  return undefined;
}
