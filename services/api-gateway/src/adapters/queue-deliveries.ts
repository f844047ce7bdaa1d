import { ARCHIVE_QUEUED_TOPIC, QUEUE_RESUMED_TOPIC } from "@vibe-friend/contracts/bus-messages";
import type { WorkQueueName } from "@vibe-friend/contracts/queue-admin";
import type { Bus } from "@vibe-friend/redis-kit/bus/bus";
import { createQueueAdmin, type QueueAdminOptions } from "@vibe-friend/redis-kit/queue/queue-admin";
import type { QueueDeliveries, QueueRows } from "../domain/administer-queues";

/** People wait for it; a Redis that doesn't answer is said so. Milliseconds. */
const DEADLINE_MS = 500;

/** BullMQ's side of the queues. */
export function createQueueDeliveries(
  options: Omit<QueueAdminOptions, "queue" | "deadlineMs">,
): QueueDeliveries & { close(): Promise<void> } {
  const of = (queue: WorkQueueName) => createQueueAdmin({ ...options, queue, deadlineMs: DEADLINE_MS });
  const admins = { generation: of("generation"), archive: of("archive") };
  return {
    async look(name) {
      const seen = await admins[name].overview();
      if (seen.kind !== "ok") return null;
      const { counts, paused } = seen.value;
      return { waiting: counts.waiting, active: counts.active, delayed: counts.delayed, paused };
    },
    async setPaused(name, isPaused) {
      await (isPaused ? admins[name].pause() : admins[name].resume());
    },
    async close() {
      await Promise.all(Object.values(admins).map((admin) => admin.close()));
    },
  };
}

export interface QueueWorkOptions {
  readonly stores: {
    readonly queueRows: QueueRows;
    readonly queueDeliveries: QueueDeliveries;
    readonly bus: Pick<Bus, "publish">;
  };
}

/** The queues as admins see them: rows, deliveries, and news of what waits again. */
export function createQueueWork({ stores }: QueueWorkOptions) {
  return {
    rows: stores.queueRows,
    deliveries: stores.queueDeliveries,
    archiveNews: {
      queued: (generationId: string) => stores.bus.publish(ARCHIVE_QUEUED_TOPIC, { generationId }),
    },
    resumed: (name: WorkQueueName) => stores.bus.publish(QUEUE_RESUMED_TOPIC, { name }),
  };
}
