import type { generationJobs } from "@vibe-friend/contracts/jobs";
import type { JobProducer } from "@vibe-friend/redis-kit/queue/job-producer";
import type { Logger } from "@vibe-friend/service-kit/logger";
import type { GenerationQueue } from "../domain/ports";

/** BullMQ, which carries the row's id and nothing else. */
export function createGenerationQueue(
  producer: JobProducer<typeof generationJobs>,
  logger: Logger,
): GenerationQueue {
  return {
    async add({ id, priority, lastSeq }) {
      try {
        // BullMQ drops an id it has seen lately; where the log stands tells a retry from the same hand-over.
        const jobId = `${id}-${lastSeq}`;
        const handed = await producer.add("generate", { generationId: id }, { id: jobId, priority });
        return handed.kind === "ok";
      } catch (error) {
        logger.error("a generation could not be handed to the queue", { generationId: id, error });
        return false;
      }
    },
  };
}
