/**
 * Runs a number of tasks, so many at once.
 *
 * @throws what the first one throws that fails; the others come to their end before
 */
export async function runMany(
  { count, atOnce }: { readonly count: number; readonly atOnce: number },
  task: (number: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  let fault: { readonly reason: unknown } | undefined;
  async function work(): Promise<void> {
    while (next < count && fault === undefined) {
      try {
        await task(next++);
      } catch (reason) {
        fault ??= { reason };
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work));
  if (fault !== undefined) throw fault.reason;
}
