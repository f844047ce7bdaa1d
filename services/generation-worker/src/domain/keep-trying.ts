import { StoreUnavailable } from "./errors";

const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 1000;

/**
 * Repeats a write while the store is away. The write must be harmless when it happened already.
 *
 * @param limits.forMs gives up with StoreUnavailable after this long
 * @throws the signal's reason, or what the write throws other than StoreUnavailable
 */
export async function keepTrying<T>(
  write: () => Promise<T>,
  limits: { readonly forMs: number; readonly signal?: AbortSignal },
): Promise<T> {
  const endsAt = performance.now() + limits.forMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(MAX_PAUSE_MS, pauseMs * 2)) {
    limits.signal?.throwIfAborted();
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof StoreUnavailable) || performance.now() + pauseMs > endsAt) throw error;
      await pause(pauseMs, limits.signal);
    }
  }
}

function pause(durationMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, durationMs);
    signal?.addEventListener("abort", end, { once: true });
  });
}
