import {
  CANCELLED_TOPIC,
  QUEUED_TOPIC,
  QUEUE_RESUMED_TOPIC,
  cancelledNewsSchema,
  queueResumedNewsSchema,
  queuedNewsSchema,
} from "@vibe-friend/contracts/bus-messages";
import type { z } from "zod";
import type { KeepLeases } from "../domain/keep-leases";
import type { TakeGenerations } from "../domain/take-generations";

/** The bus as this service hears it. */
export interface NewsSource {
  subscribe<T>(topic: string, schema: z.ZodType<T>, handler: (message: T) => void): Promise<() => unknown>;
  onGap(listener: () => void): () => unknown;
}

export interface NewsHandlers {
  readonly take: Pick<TakeGenerations, "lookForRows" | "offer">;
  readonly keepLeases: KeepLeases;
  readonly isRunning: (generationId: string) => boolean;
}

/**
 * News only makes this worker look sooner: at waiting rows, and at whether a cancelled run is still held.
 * The timers look anyway.
 */
export async function subscribeToNews(
  bus: NewsSource,
  { take, keepLeases, isRunning }: NewsHandlers,
): Promise<void> {
  bus.onGap(() => {
    void take.lookForRows();
    void keepLeases();
  });
  await Promise.all([
    bus.subscribe(QUEUED_TOPIC, queuedNewsSchema, ({ generationId }) => {
      void take.offer(generationId);
    }),
    bus.subscribe(QUEUE_RESUMED_TOPIC, queueResumedNewsSchema, ({ name }) => {
      if (name === "generation") void take.lookForRows();
    }),
    bus.subscribe(CANCELLED_TOPIC, cancelledNewsSchema, ({ generationId }) => {
      if (isRunning(generationId)) void keepLeases();
    }),
  ]);
}
