/**
 * Yields what `source` yields until the signal is aborted; then throws its reason at once, even if the
 * source doesn't react.
 */
export async function* readUntilStopped<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  signal.throwIfAborted();
  const iterator = source[Symbol.asyncIterator]();
  let stop: (error: Error) => void = () => undefined;
  const stopped = new Promise<never>((_resolve, reject) => {
    stop = reject;
  });
  // It is raced below; without a race under way its rejection is nobody's problem.
  stopped.catch(() => undefined);
  const onAbort = () => {
    stop(signal.reason as Error);
  };
  signal.addEventListener("abort", onAbort, { once: true });
  let isDone = false;
  try {
    for (;;) {
      const next = iterator.next();
      // If the stop wins, the source's own answer to it has nobody left to tell.
      next.catch(() => undefined);
      const result = await Promise.race([next, stopped]);
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
