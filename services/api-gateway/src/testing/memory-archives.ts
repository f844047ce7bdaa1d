import { ProblemError } from "@vibe-friend/service-kit/problem-error";
import type { ArchiveJob, Archives, ArchiveState } from "../domain/archive-ports";

/** One generation's archive, as a test has it grow. Nobody has ended that generation until `end` is called. */
export function createMemoryArchives() {
  const generationId = "01890000-0000-7000-8000-0000000000aa";
  const parts: Buffer[] = [];
  const jobs: ArchiveJob[] = [];
  const reads: number[] = [];
  const listeners = new Set<() => void>();
  let state: ArchiveState | undefined;
  let hasEnded = false;
  let fault: Error | undefined;

  const current = (): ArchiveState | undefined =>
    state && { ...state, parts: parts.length, bytes: parts.reduce((sum, part) => sum + part.length, 0) };
  const become = (status: ArchiveState["status"]) => {
    state = { generationId, build: "1", parts: 0, bytes: 0, error: null, ...state, status };
    for (const listener of [...listeners]) listener();
  };

  const archives: Archives = {
    store: {
      // eslint-disable-next-line @typescript-eslint/require-await -- rejects where the real one does
      async describe(_userId, id) {
        if (id !== generationId) throw new ProblemError("not_found");
        if (!hasEnded) throw new ProblemError("wrong_state");
        const finishedAt = new Date("2026-01-01T00:00:00Z");
        return { prompt: "A library with books", finishedAt, archive: current() };
      },
      request() {
        if (state === undefined) become("queued");
        return Promise.resolve(current() as ArchiveState);
      },
      // eslint-disable-next-line @typescript-eslint/require-await -- rejects where the real one does
      async readPart(_archive, part) {
        reads.push(part);
        if (fault !== undefined) throw fault;
        const now = current();
        return now && { ...now, content: parts[part] ?? null };
      },
    },
    news: {
      onGrowth(_generationId, listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    handOver: { start: (job) => void jobs.push(job), settled: () => Promise.resolve() },
  };
  return {
    archives,
    jobs,
    /** which parts were asked for */
    reads,
    listeners,
    end: () => {
      hasEnded = true;
    },
    become,
    add(part: Buffer) {
      parts.push(part);
      become("building");
    },
    /** what reading a part fails with; undefined: nothing */
    failWith(error: Error | undefined) {
      fault = error;
    },
    remove() {
      state = undefined;
      parts.length = 0;
      for (const listener of [...listeners]) listener();
    },
  };
}
