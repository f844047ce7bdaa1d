import { ProblemError } from "@vibe-friend/service-kit/problem-error";
import type { Archives, ArchiveState } from "./archive-ports";
import { unavailable } from "./errors";
import { watchGrowth } from "./watch-growth";

export interface OpenArchiveDependencies extends Archives {
  /** the process is stopping: nobody waits for a first part any longer */
  readonly draining: AbortSignal;
  /** milliseconds until the first part can be read; default 20 s */
  readonly waitMs?: number;
  /** milliseconds between looks when no news come; default 250 */
  readonly pollMs?: number;
  /** milliseconds that Postgres may be away in the middle of a download; default 30 s */
  readonly awayMs?: number;
}

export interface ArchiveWish {
  readonly userId: string;
  readonly generationId: string;
  /** nobody waits for it any more */
  readonly abandoned: AbortSignal;
}

export interface OpenedArchive {
  /** undefined: it is still being built */
  readonly bytes: number | undefined;
  /** Part by part, as they are built; nothing is read ahead. */
  readonly content: AsyncIterable<Buffer>;
}

type Look = ArchiveState & { readonly content: Buffer | null };

/**
 * Has a generation's zip built, unless it is, and opens it as soon as its first part is there. Who asks again later
 * finds it further on: an order stays, whether anybody waits for it or not.
 *
 * @returns undefined: nobody waits any more
 * @throws not_found, wrong_state (not ended, or without files), archive_failed, unavailable (no part in time)
 */
export function createOpenArchive(dependencies: OpenArchiveDependencies) {
  const { store, news, handOver, draining, waitMs = 20_000, pollMs = 250, awayMs = 30_000 } = dependencies;

  async function look(archive: ArchiveState, part: number): Promise<Look> {
    const found = await store.readPart(archive, part);
    if (found === undefined) throw unavailable("The archive is being built anew; ask again");
    if (found.status === "failed") {
      throw new ProblemError("archive_failed", { detail: found.error?.title, cause: found.error });
    }
    return found;
  }

  return async function openArchive(wish: ArchiveWish): Promise<OpenedArchive | undefined> {
    const { userId, generationId, abandoned } = wish;
    const archive = await store.request(userId, generationId);
    if (archive.status === "queued") handOver.start({ id: generationId, build: archive.build });
    const growth = watchGrowth(pollMs, (listener) => news.onGrowth(generationId, listener));

    async function readFirst(): Promise<Look> {
      const tooLate = AbortSignal.any([abandoned, draining, AbortSignal.timeout(waitMs)]);
      for (;;) {
        const first = await look(archive, 0);
        if (first.content !== null) return first;
        if (tooLate.aborted) throw unavailable("The archive isn't there yet; it goes on being built");
        await growth.next(tooLate);
      }
    }

    /** In the middle of an answer a fault of Postgres is waited out. */
    async function readOn(part: number): Promise<Look> {
      const until = performance.now() + awayMs;
      for (;;) {
        try {
          return await look(archive, part);
        } catch (error) {
          const isAway = !(error instanceof ProblemError) && isRetryable(error);
          if (!isAway || abandoned.aborted || performance.now() > until) throw error;
          await growth.next(abandoned);
        }
      }
    }

    async function* readAll(first: Look): AsyncGenerator<Buffer, void, undefined> {
      try {
        let current = first;
        for (let part = 0; !abandoned.aborted;) {
          if (current.content !== null) {
            yield current.content;
            part += 1;
          } else if (current.status === "ready") return;
          else await growth.next(abandoned);
          current = await readOn(part);
        }
      } finally {
        growth.close();
      }
    }

    try {
      const first = await readFirst();
      return { bytes: first.status === "ready" ? first.bytes : undefined, content: readAll(first) };
    } catch (error) {
      growth.close();
      if (abandoned.aborted) return undefined;
      throw error;
    }
  };
}

export type OpenArchive = ReturnType<typeof createOpenArchive>;

function isRetryable(error: unknown): boolean {
  return error instanceof Error && "retryable" in error && error.retryable === true;
}
