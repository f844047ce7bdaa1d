import { once } from "node:events";
import type { Response } from "express";

export interface StreamOptions {
  /** the length that was announced; an answer that turns out otherwise is cut off */
  readonly bytes?: number | undefined;
  /** milliseconds a client may take nothing before it is cut off; default 60 s */
  readonly stallMs?: number;
}

/** Aborts when the answer is over, be it that the client has gone. */
export function abandonmentOf(response: Response): AbortSignal {
  const controller = new AbortController();
  const abort = () => {
    controller.abort();
  };
  if (response.destroyed) abort();
  else response.once("close", abort);
  return controller.signal;
}

/**
 * Sends what comes, as fast as the client takes it, holding one piece at a time. A client that goes away, or takes
 * nothing for too long, ends the reading and is no error.
 *
 * @throws what reading throws; then nothing has been sent yet, or the answer has to be cut off
 */
export async function streamBody(
  response: Response,
  content: AsyncIterable<Buffer | string>,
  { bytes, stallMs = 60_000 }: StreamOptions = {},
): Promise<void> {
  let sent = 0;
  try {
    for await (const piece of content) {
      if (response.destroyed) return;
      sent += Buffer.byteLength(piece);
      if (!response.write(piece)) await drained(response, stallMs);
      // Also while it was waited for.
      if (isGone(response)) return;
    }
  } catch (error) {
    if (isGone(response)) return;
    if (!response.headersSent) removeEntityHeaders(response);
    throw error;
  }
  if (bytes === undefined || bytes === sent) response.end();
  else response.destroy();
}

const isGone = (response: Response) => response.destroyed;

/** The problem that is sent instead is another thing. */
function removeEntityHeaders(response: Response): void {
  for (const name of ["Content-Length", "Content-Type", "Content-Disposition", "ETag"])
    response.removeHeader(name);
}

/** Resolves when the client takes more; cuts it off when that takes too long. */
export async function drained(response: Response, stallMs: number): Promise<void> {
  const settled = new AbortController();
  const signal = AbortSignal.any([settled.signal, AbortSignal.timeout(stallMs)]);
  try {
    await Promise.race([once(response, "drain", { signal }), once(response, "close", { signal })]);
  } catch {
    response.destroy();
  } finally {
    // The event that didn't come is no longer listened for.
    settled.abort();
  }
}
