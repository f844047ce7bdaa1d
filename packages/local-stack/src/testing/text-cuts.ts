/** Cuts a text or a run of bytes into pieces of these lengths. */
export type Cut = (total: number) => number[];

export const everyOne: Cut = (total) => Array.from({ length: total }, () => 1);
export const inOnePiece: Cut = (total) => (total === 0 ? [] : [total]);

/** Pieces of 1 to `longest`, the same for the same seed. */
export function randomPieces(seed: number, longest: number): Cut {
  let state = seed >>> 0;
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return 1 + Math.floor((state / 2 ** 32) * longest);
  };
  return (total) => {
    const pieces: number[] = [];
    for (let left = total; left > 0;) {
      const piece = Math.min(left, next());
      pieces.push(piece);
      left -= piece;
    }
    return pieces;
  };
}
