/** The same seed gives the same numbers, from 0 up to 1 (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Whole numbers below `below`, evenly spread, made before the measurement so that making them is not measured. */
export function drawIndexes(seed: number, below: number, count = 16_384): Uint32Array {
  const random = createRandom(seed);
  return Uint32Array.from({ length: count }, () => Math.floor(random() * below));
}
