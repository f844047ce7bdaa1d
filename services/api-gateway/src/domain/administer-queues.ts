import type { Caller } from "@vibe-friend/contracts/internal";
import {
  workQueueNames,
  type QueueList,
  type QueueView,
  type RetryFailedResult,
  type WorkQueueName,
} from "@vibe-friend/contracts/queue-admin";
import type { HandOver } from "./hand-over";
import type { GenerationChange, News } from "./ports";

/** Who orders it, as the audit log keeps it. */
export interface OrderedBy extends Caller {
  readonly userId: string;
}

/** What the rows say of the queues; each change is one with its audit entry. */
export interface QueueRows {
  view(name: WorkQueueName): Promise<Omit<QueueView, "deliveries">>;
  setPaused(name: WorkQueueName, isPaused: boolean, by: OrderedBy): Promise<void>;
  retryFailed(
    name: WorkQueueName,
    limit: number,
    by: OrderedBy,
  ): Promise<{
    readonly generations: readonly GenerationChange[];
    /** ids of generations whose archives are queued again */
    readonly archives: readonly string[];
    readonly left: number;
  }>;
  /** How many generations wait, over all people; counted up to `most`. */
  countQueued(most: number): Promise<number>;
}

/** What Redis holds of them. Never rejects, and never waits long. */
export interface QueueDeliveries {
  /** null: Redis can't be asked */
  look(name: WorkQueueName): Promise<QueueView["deliveries"]>;
  /** Saves deliveries that would be refused; the row decides. */
  setPaused(name: WorkQueueName, isPaused: boolean): Promise<void>;
}

export interface AdministerQueuesDependencies {
  readonly rows: QueueRows;
  readonly deliveries: QueueDeliveries;
  readonly news: Pick<News, "changed">;
  readonly handOver: HandOver;
  readonly archiveNews: { queued(generationId: string): Promise<void> };
  /** Wakes workers. */
  readonly resumed: (name: WorkQueueName) => Promise<void>;
}

export interface QueueOrder {
  readonly name: WorkQueueName;
  readonly by: OrderedBy;
}

export interface AdministerQueues {
  list(): Promise<QueueList>;
  /** The rows first: from then on nothing is claimed, whatever Redis does. What runs goes on. */
  pause(order: QueueOrder): Promise<QueueView>;
  /** Workers look at the rows at once; those who don't hear of it, within a second. */
  resume(order: QueueOrder): Promise<QueueView>;
  /** Up to 500 that failed run again, the earliest first; no limit of their owners counts. */
  retryFailed(order: QueueOrder): Promise<RetryFailedResult>;
}

const RETRIED_AT_ONCE = 500;

export function createAdministerQueues(dependencies: AdministerQueuesDependencies): AdministerQueues {
  const { rows, deliveries, news, handOver, archiveNews } = dependencies;

  async function view(name: WorkQueueName): Promise<QueueView> {
    const [known, held] = await Promise.all([rows.view(name), deliveries.look(name)]);
    return { ...known, deliveries: held };
  }

  async function setPaused({ name, by }: QueueOrder, isPaused: boolean): Promise<QueueView> {
    await rows.setPaused(name, isPaused, by);
    await deliveries.setPaused(name, isPaused);
    if (!isPaused) void dependencies.resumed(name);
    return view(name);
  }

  return {
    list: async () => ({ items: await Promise.all(workQueueNames.map(view)), nextCursor: null }),
    pause: (order) => setPaused(order, true),
    resume: (order) => setPaused(order, false),
    async retryFailed({ name, by }) {
      const { generations, archives, left } = await rows.retryFailed(name, RETRIED_AT_ONCE, by);
      for (const change of generations) {
        void news.changed(change);
        handOver.start(change.generation);
      }
      for (const id of archives) void archiveNews.queued(id);
      return { retried: generations.length + archives.length, left };
    },
  };
}
