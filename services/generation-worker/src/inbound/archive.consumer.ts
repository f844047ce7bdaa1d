import {
  ARCHIVE_QUEUED_TOPIC,
  QUEUE_RESUMED_TOPIC,
  queueResumedNewsSchema,
  queuedNewsSchema,
} from "@vibe-friend/contracts/bus-messages";
import type { archiveJobs } from "@vibe-friend/contracts/jobs";
import type { z } from "zod";
import type { TakeArchives } from "../domain/take-archives";
import type { NewsSource } from "./bus.subscriber";

type BuildJob = z.output<(typeof archiveJobs)["build"]>;

/** The jobs of the queue `archive`. */
export function createArchiveHandlers(take: Pick<TakeArchives, "deliver">) {
  return {
    build: ({ generationId }: BuildJob, { signal }: { readonly signal: AbortSignal }) =>
      take.deliver(generationId, signal),
  };
}

/** News only makes this worker look sooner; its timer looks anyway. */
export async function subscribeToArchives(
  bus: NewsSource,
  take: Pick<TakeArchives, "lookForRows">,
): Promise<void> {
  bus.onGap(() => {
    void take.lookForRows();
  });
  await Promise.all([
    bus.subscribe(ARCHIVE_QUEUED_TOPIC, queuedNewsSchema, () => {
      void take.lookForRows();
    }),
    bus.subscribe(QUEUE_RESUMED_TOPIC, queueResumedNewsSchema, ({ name }) => {
      if (name === "archive") void take.lookForRows();
    }),
  ]);
}
