import type { generationJobs } from "@vibe-friend/contracts/jobs";
import type { JobProducer } from "@vibe-friend/redis-kit/queue/job-producer";
import type { GenerationQueue } from "../domain/ports";

/** How deep the queue `generation` is, as BullMQ counts it. */
export function createGenerationQueue(
  producer: Pick<JobProducer<typeof generationJobs>, "counts">,
): GenerationQueue {
  return {
    async counts() {
      const counted = await producer.counts();
      if (counted.kind === "unavailable") return null;
      const { waiting, active, delayed, failed } = counted.value;
      return { waiting, active, delayed, failed };
    },
  };
}
