import type { Logger } from "./logger";

/** Everything a process holds open, closed newest first. */
export interface Lifecycle {
  /** Takes charge of a resource: what was opened later is closed earlier. Gives the resource back. */
  own<T>(name: string, resource: T, close: (resource: T) => unknown): T;
  /** Aborted when the process begins to stop: streams end, waiting requests answer. */
  readonly draining: AbortSignal;
  /** Closes everything once; later calls wait for the first. True if all of it closed in time. */
  stop(): Promise<boolean>;
}

interface Owned {
  readonly name: string;
  readonly close: () => unknown;
}

/** @param limitMs milliseconds all closing together may take */
export function createLifecycle(logger: Logger, limitMs = 28_000): Lifecycle {
  const owned: Owned[] = [];
  const draining = new AbortController();
  let stopped: Promise<boolean> | undefined;

  async function closeAll(): Promise<boolean> {
    const endsAt = Date.now() + limitMs;
    let clean = true;
    for (let next = owned.pop(); next !== undefined; next = owned.pop()) {
      const fault = await closeOne(next, Math.max(100, endsAt - Date.now()));
      if (fault === undefined) continue;
      clean = false;
      logger.error("closing failed", { resource: next.name, error: fault });
    }
    return clean;
  }

  return {
    own(name, resource, close) {
      owned.push({ name, close: () => close(resource) });
      return resource;
    },
    draining: draining.signal,
    stop() {
      draining.abort();
      return (stopped ??= closeAll());
    },
  };
}

/** What went wrong, or undefined. */
async function closeOne(owned: Owned, limitMs: number): Promise<Error | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<Error>((resolve) => {
    timer = setTimeout(() => {
      resolve(new Error(`not closed within ${limitMs} ms`));
    }, limitMs);
  });
  const closing = Promise.resolve()
    .then(owned.close)
    .then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
    );
  const fault = await Promise.race([closing, deadline]);
  clearTimeout(timer);
  return fault;
}
