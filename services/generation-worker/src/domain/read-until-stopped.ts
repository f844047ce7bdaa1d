/**
 * Yields what `source` yields until the signal is aborted; then throws its reason at once, even if the
 * source doesn't react.
 */
export async function* readUntilStopped<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  signal.throwIfAborted();
  const iterator = source[Symbol.asyncIterator]();
  let stop: (error: Error) => void = () => undefined;
  const onAbort = () => {
    stop(signal.reason as Error);
  };
  signal.addEventListener("abort", onAbort, { once: true });
  let isDone = false;
  try {
    for (;;) {
      signal.throwIfAborted();
      // Not Promise.race with one promise for the whole run: that would keep every result until the run ends.
      // If the stop wins, the source's own answer to it has nobody left to tell.
      const result = await new Promise<IteratorResult<T>>((resolve, reject) => {
        stop = reject;
        iterator.next().then(resolve, reject);
      });
      if (result.done === true) {
        isDone = true;
        return;
      }
      yield result.value;
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    if (!isDone) void Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}
