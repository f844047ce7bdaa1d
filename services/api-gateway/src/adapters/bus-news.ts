import {
  CANCELLED_TOPIC,
  generationTopic,
  QUEUED_TOPIC,
  sessionsRevokedNewsSchema,
  userTopic,
  type GenerationNews,
} from "@vibe-friend/contracts/bus-messages";
import type { Bus } from "@vibe-friend/redis-kit/bus/bus";
import type { Logger } from "@vibe-friend/service-kit/logger";
import type { News } from "../domain/ports";
import type { SessionWatch } from "../domain/watch-sessions";

export interface BusNewsOptions {
  readonly bus: Bus;
  /** finds what the bus has lost */
  readonly sessionWatch: Pick<SessionWatch, "add">;
  readonly logger: Logger;
}

/** News over the bus: Pub/Sub, or LISTEN/NOTIFY without Redis. */
export function createBusNews({ bus, sessionWatch, logger }: BusNewsOptions): News {
  return {
    queued: (generationId) => bus.publish(QUEUED_TOPIC, { generationId }),
    cancelled: (generationId) => bus.publish(CANCELLED_TOPIC, { generationId }),
    async changed({ generation, events }) {
      const seqTo = events.at(-1)?.seq;
      if (seqTo === undefined) return;
      const pointer: GenerationNews = { generationId: generation.id, seqTo };
      await bus.publish(generationTopic(generation.id), { ...pointer, events }, pointer);
    },
    onSessionRevoked({ id, userId }, listener) {
      const subscribed = bus.subscribe(userTopic(userId), sessionsRevokedNewsSchema, (news) => {
        if (news.sessionIds.includes(id)) listener();
      });
      subscribed.catch((error: unknown) => {
        logger.warn("revocations can't be heard", { userId, error });
      });
      const stopWatching = sessionWatch.add(id, listener);
      return () => {
        stopWatching();
        subscribed.then(
          (unsubscribe) => {
            unsubscribe();
          },
          () => undefined,
        );
      };
    },
  };
}
