import type { LoadContext } from "./cache-types";
import { LoadTimeout } from "./load-errors";

/** What the source gave, and how long it wants it kept. */
export interface SourceAnswer<T> {
  readonly value: T;
  readonly ttlMs: number | undefined;
}

/**
 * Asks the source, at most until the hard deadline; then its signal is aborted and nobody waits any more.
 *
 * @throws {LoadTimeout} and whatever `load` throws or rejects with
 */
export function askSource<T>(
  name: string,
  load: (context: LoadContext) => Promise<T>,
  hardDeadlineMs: number | undefined,
): Promise<SourceAnswer<T>> {
  const controller = new AbortController();
  let ttlMs: number | undefined;
  const context: LoadContext = {
    signal: controller.signal,
    ttl(ms) {
      ttlMs = ms;
    },
  };
  return new Promise((resolve, reject) => {
    const timer =
      hardDeadlineMs === undefined
        ? undefined
        : setTimeout(() => {
            controller.abort();
            reject(new LoadTimeout(name, hardDeadlineMs));
          }, hardDeadlineMs);
    // In a promise's chain, so that a load that throws rejects.
    Promise.resolve(context)
      .then(load)
      .then(
        (value) => {
          resolve({ value, ttlMs });
        },
        (error: unknown) => {
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- passed on as it is
          reject(error);
        },
      )
      .finally(() => {
        clearTimeout(timer);
      });
  });
}
