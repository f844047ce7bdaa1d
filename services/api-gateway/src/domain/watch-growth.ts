/** Waits for news that may be lost, and looks anyway after a while. */
export interface GrowthWatch {
  /** Resolves at the next news (also those since the last call), after `pollMs`, or at the signal. Never rejects. */
  next(signal: AbortSignal): Promise<void>;
  close(): void;
}

/** @param listen subscribes; called with the first wait, so that who needn't wait costs nothing */
export function watchGrowth(pollMs: number, listen: (listener: () => void) => () => void): GrowthWatch {
  let heard = false;
  let wake: () => void = () => undefined;
  let stopListening: (() => void) | undefined;

  return {
    async next(signal) {
      stopListening ??= listen(() => {
        heard = true;
        wake();
      });
      if (!heard && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const end = () => {
            clearTimeout(timer);
            signal.removeEventListener("abort", end);
            resolve();
          };
          const timer = setTimeout(end, pollMs);
          signal.addEventListener("abort", end);
          wake = end;
        });
      }
      heard = false;
    },
    close() {
      stopListening?.();
    },
  };
}
