/** Runs one piece of work per key at a time; whoever asks meanwhile gets the same promise. */
export interface SingleFlight {
  run<T>(key: string, work: () => Promise<T>): Promise<T>;
  /** Whoever asks from now on gets a new flight; those on board keep theirs. */
  forget(key: string): void;
}

/** Only for work whose answer is the same for everybody who asks with that key. */
export function createSingleFlight(): SingleFlight {
  const flights = new Map<string, Promise<unknown>>();
  return {
    run<T>(key: string, work: () => Promise<T>): Promise<T> {
      const flying = flights.get(key);
      if (flying !== undefined) return flying as Promise<T>;
      const flight = work().finally(() => {
        if (flights.get(key) === flight) flights.delete(key);
      });
      flights.set(key, flight);
      return flight;
    },
    forget: (key) => void flights.delete(key),
  };
}
