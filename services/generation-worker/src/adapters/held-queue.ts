import type { generationJobs } from "@vibe-friend/contracts/jobs";
import type { QueueContents } from "@vibe-friend/redis-kit/queue/queue-contents";
import type { HeldJob, HeldQueue } from "../domain/reconcile";

/** Of each kind; above the number of rows that may wait. */
const MOST_LISTED = 20_000;

/** A job's id begins with the row's. */
const jobOf = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:-|$)/;

/** BullMQ, compared with the rows. */
export function createHeldQueue(contents: QueueContents<typeof generationJobs>): HeldQueue {
  return {
    async list() {
      const listed = await contents.list(MOST_LISTED);
      if (listed.kind !== "ok") return undefined;
      const { pending, active, isAll } = listed.value;
      const jobs = [...describe(pending, false), ...describe(active, true)];
      return { jobs, isAll };
    },
    async add(rows) {
      const fresh = Date.now().toString(36);
      const added = await contents.addMany(
        "generate",
        rows.map(({ id, priority, lastSeq }) => ({
          id: `${id}-${lastSeq}-${fresh}`,
          data: { generationId: id },
          priority,
        })),
      );
      return added.kind === "ok" ? rows.length : 0;
    },
    async remove(jobIds) {
      const removed = await contents.removeMany(jobIds);
      return removed.kind === "ok" ? removed.value : 0;
    },
  };
}

function describe(jobIds: readonly string[], isActive: boolean): HeldJob[] {
  return jobIds.flatMap((jobId) => {
    const generationId = jobOf.exec(jobId)?.[1];
    return generationId === undefined ? [] : [{ jobId, generationId, isActive }];
  });
}
