/** The time was over first. */
export const late = Symbol("late");

/** Waits for `work`, which goes on, at most `timeoutMs`; undefined: as long as it takes. Rejects as `work` does. */
export function waitAtMost<T>(work: Promise<T>, timeoutMs: number | undefined): Promise<T | typeof late> {
  if (timeoutMs === undefined) return work;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => {
        resolve(late);
      },
      Math.max(0, timeoutMs),
    );
    work.then(resolve, reject).finally(() => {
      clearTimeout(timer);
    });
  });
}
