import { keepTrying } from "./keep-trying";

/**
 * Reads pieces that come in the same order however often they are read, waiting out a store that is away: what was
 * given before the fault isn't given again.
 *
 * @param limits as of keepTrying, for each piece
 */
export async function* readPatiently<T>(
  open: () => AsyncIterable<T>,
  limits: Parameters<typeof keepTrying>[1],
): AsyncGenerator<T, void, undefined> {
  let given = 0;
  let iterator: AsyncIterator<T> | undefined;
  let position = 0;

  async function next(): Promise<IteratorResult<T, unknown>> {
    if (iterator === undefined) {
      iterator = open()[Symbol.asyncIterator]();
      position = 0;
    }
    try {
      for (; position < given; position += 1) await iterator.next();
      return await iterator.next();
    } catch (error) {
      iterator = undefined;
      throw error;
    }
  }

  for (;;) {
    const piece = await keepTrying(next, limits);
    if (piece.done === true) return;
    given += 1;
    position += 1;
    yield piece.value;
  }
}
