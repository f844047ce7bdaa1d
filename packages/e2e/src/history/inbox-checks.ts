/** What one connection brought of a person's inbox, in the order of arrival. */
export type InboxConnection = readonly number[];

/**
 * What is wrong with the notifications that a person was sent, who marked none as read: every connection begins with
 * the oldest unread one and goes on without gap or repetition, and together they brought all.
 */
export function findInboxFaults(connections: readonly InboxConnection[], lastSeq: number): string[] {
  const faults: string[] = [];
  const seen = new Set<number>();
  connections.forEach((sequence, index) => {
    sequence.forEach((seq, position) => {
      seen.add(seq);
      const expected = (sequence[position - 1] ?? seq - 1) + 1;
      if (seq !== expected) faults.push(`connection ${index + 1}: ${seq} where ${expected} was due`);
      if (seq > lastSeq) faults.push(`connection ${index + 1}: ${seq} is not in the inbox`);
    });
  });
  for (let seq = 1; seq <= lastSeq; seq += 1) if (!seen.has(seq)) faults.push(`${seq} was never sent`);
  return faults;
}

/** Gaps and repetitions in a stored inbox. */
export function findSequenceFaults(seqs: readonly number[]): string[] {
  return [...seqs]
    .sort((a, b) => a - b)
    .flatMap((seq, index) => (seq === index + 1 ? [] : [`notification ${index + 1} has seq ${seq}`]));
}
