/** A message of the bus: topic and pointer. */
export type Note = readonly [topic: string, message: unknown];

/** Postgres takes less than 8,000 bytes. */
const MAX_BYTES = 7900;

/** One NOTIFY's payload of as many notes as fit, in order, each different one once. */
export function packNotes(notes: readonly Note[]): {
  readonly payload: string | undefined;
  /** Did not fit: for the next one. */
  readonly rest: Note[];
  /** Topics of notes that can never fit. */
  readonly dropped: string[];
} {
  const packed = new Set<string>();
  const dropped: string[] = [];
  let bytes = 1;
  for (const [index, note] of notes.entries()) {
    const json = JSON.stringify(note);
    if (packed.has(json)) continue;
    const size = Buffer.byteLength(json) + 1;
    if (size + 1 > MAX_BYTES) {
      dropped.push(note[0]);
      continue;
    }
    if (bytes + size > MAX_BYTES) return { payload: join(packed), rest: notes.slice(index), dropped };
    packed.add(json);
    bytes += size;
  }
  return { payload: packed.size === 0 ? undefined : join(packed), rest: [], dropped };
}

/** The notes of a payload; none if it isn't one of ours. */
export function unpackNotes(payload: string): Note[] {
  try {
    const notes: unknown = JSON.parse(payload);
    return Array.isArray(notes) ? notes.filter(isNote) : [];
  } catch {
    return [];
  }
}

function isNote(value: unknown): value is Note {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === "string";
}

function join(packed: ReadonlySet<string>): string {
  return `[${[...packed].join(",")}]`;
}
