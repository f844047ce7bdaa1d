/** BullMQ builds keys from ids with ":" and counts with digits, so it can't hold these. @throws {RangeError} */
export function assertJobId(id: string): void {
  if (!/^[^:]{1,200}$/.test(id) || /^\d+$/.test(id)) {
    throw new RangeError(
      `a job id is 1 to 200 characters without ":" and not digits only, not ${JSON.stringify(id)}`,
    );
  }
}
