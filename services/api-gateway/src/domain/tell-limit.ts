import type { Inboxes } from "./ports";

/** People remembered as told today; a forgotten one is told by the inbox's own key. */
const MAX_TOLD = 10_000;

export interface TellLimitDependencies {
  readonly inboxes: Pick<Inboxes, "tellLimit">;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
}

/**
 * Has the inbox say that the day's limit is met, once a day and person, behind the answer: nobody waits for it,
 * and a refusal stays the refusal it is.
 */
export function createTellLimit({ inboxes, clock = Date.now }: TellLimitDependencies) {
  const told = new Set<string>();
  let toldOn = "";

  function tell(userId: string, limit: number): void {
    const day = new Date(clock()).toISOString().slice(0, 10);
    if (day !== toldOn || told.size >= MAX_TOLD) told.clear();
    toldOn = day;
    if (told.has(userId)) return;
    told.add(userId);
    inboxes.tellLimit({ userId, limit }).catch(() => told.delete(userId));
  }

  /** Passes on whatever `submit` answers or throws. */
  return function telling<S extends { readonly userId: string }, T>(
    submit: (submission: S) => Promise<T>,
  ): (submission: S) => Promise<T> {
    return async (submission) => {
      try {
        return await submit(submission);
      } catch (error) {
        if (isDailyLimit(error)) tell(submission.userId, error.limit);
        throw error;
      }
    };
  };
}

/** By shape: the store's refusals are its own. */
function isDailyLimit(error: unknown): error is { readonly limit: number } {
  if (typeof error !== "object" || error === null) return false;
  const { limitName, limit } = error as { limitName?: unknown; limit?: unknown };
  return limitName === "daily" && typeof limit === "number";
}
