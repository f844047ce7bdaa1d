/** The source did not answer within the hard deadline, and there was nothing stale to answer with. */
export class LoadTimeout extends Error {
  override readonly name = "LoadTimeout";
  readonly code = "load-timeout";
  readonly retryable = true;

  constructor(
    readonly cacheName: string,
    readonly deadlineMs: number,
  ) {
    super(`${cacheName} was not loaded within ${deadlineMs} ms`);
  }
}

/** A write through the cache is committed, but what it changed could not be loaded anew. */
export class ReloadFailed<W> extends Error {
  override readonly name = "ReloadFailed";
  readonly code = "reload-failed";
  readonly retryable = true;

  constructor(
    /** what the write answered */
    readonly written: W,
    cause: unknown,
  ) {
    super("written, but not loaded anew", { cause });
  }
}
