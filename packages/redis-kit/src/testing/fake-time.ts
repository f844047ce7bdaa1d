/** Time that passes only when told. */
export interface FakeTime {
  /** Lets timers and promises of so many milliseconds run, in steps of 10. */
  pass(ms: number): Promise<void>;
  /** Lets time pass until it has settled. @throws {Error} after a minute of it */
  settle<T>(work: Promise<T>): Promise<T>;
}

/** What is needed of jest: this file is no test itself. */
interface Timers {
  useFakeTimers(config: { doNotFake: ("nextTick" | "setImmediate" | "queueMicrotask")[] }): unknown;
  advanceTimersByTime(ms: number): void;
}

const stepMs = 10;

/** Fakes timers, Date and performance.now() until `jest.useRealTimers()`. */
export function useFakeTime(timers: Timers): FakeTime {
  timers.useFakeTimers({ doNotFake: ["nextTick", "setImmediate", "queueMicrotask"] });
  // Every promise that can go on does so before an immediate runs.
  const goOn = () => new Promise((resolve) => setImmediate(resolve));

  async function pass(ms: number): Promise<void> {
    for (let passedMs = 0; passedMs < ms; passedMs += stepMs) {
      await goOn();
      timers.advanceTimersByTime(stepMs);
    }
    await goOn();
  }

  return {
    pass,
    async settle(work) {
      const settled = { is: false };
      const note = () => {
        settled.is = true;
      };
      work.then(note, note);
      await goOn();
      for (let steps = 0; steps < 6000 && !settled.is; steps += 1) await pass(stepMs);
      if (!settled.is) throw new Error("not settled within a minute");
      return work;
    },
  };
}
