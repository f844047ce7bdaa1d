import type { ArchiveFile, ArchiveHold, ArchiveStore, ClaimedArchive } from "../archive-ports";

/** One archive's rows in memory, under the same fence. */
export function createMemoryArchive(texts: ReadonlyMap<string, readonly string[]>) {
  const parts: Buffer[] = [];
  const calls: string[] = [];
  let token = 0;
  let status = "queued";
  /** Called before each append; may throw or steal. */
  let beforeAppend: (part: number) => void = () => undefined;

  const isHeld = (hold: ArchiveHold) => status === "building" && hold.claimToken === token;
  const end = (hold: ArchiveHold, to: string) => {
    if (!isHeld(hold)) return Promise.resolve(false);
    status = to;
    calls.push(to);
    return Promise.resolve(true);
  };
  const store: Omit<ArchiveStore, "claimNext" | "heartbeat" | "sweep" | "removeUnused"> = {
    claim(generationId) {
      if (status !== "queued") return Promise.resolve(undefined);
      status = "building";
      token += 1;
      const claimed: ClaimedArchive = {
        generationId,
        claimToken: token,
        prompt: "A library with books",
        finishedAt: new Date("2026-03-01T12:34:56.789Z"),
        attempt: token,
        parts: parts.length,
      };
      return Promise.resolve(claimed);
    },
    listFiles: () =>
      Promise.resolve(
        [...texts].map(([path, pieces]): ArchiveFile => {
          return { path, bytes: Buffer.byteLength(pieces.join("")), sha256: "0".repeat(64) };
        }),
      ),
    // eslint-disable-next-line @typescript-eslint/require-await -- as the real one, which waits
    async *readFile(_generationId, { path }) {
      yield* texts.get(path) ?? [];
    },
    // eslint-disable-next-line @typescript-eslint/require-await -- rejects where the real one does
    async append(hold, part, content) {
      beforeAppend(part);
      if (!isHeld(hold) || part > parts.length) return "fenced";
      parts[part] ??= Buffer.from(content);
      return parts[part].equals(content) ? "stored" : "differs";
    },
    complete: (hold) => end(hold, "ready"),
    fail: (hold) => end(hold, "failed"),
    handBack: (hold) => end(hold, "queued"),
  };
  return {
    store,
    parts,
    calls,
    status: () => status,
    zip: () => Buffer.concat(parts),
    beforeAppend: (hook: (part: number) => void) => {
      beforeAppend = hook;
    },
    /** Somebody else has it now. */
    steal: () => {
      token += 1;
    },
    /** As a sweep does. */
    requeue: () => {
      token += 1;
      status = "queued";
    },
  };
}
