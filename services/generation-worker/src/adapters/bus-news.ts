import {
  QUEUED_TOPIC,
  generationTopic,
  inboxTopic,
  type GenerationNews,
} from "@vibe-friend/contracts/bus-messages";
import type { News } from "../domain/ports";

/** Events above this many bytes of JSON don't ride along; followers read them from Postgres. */
const MAX_RIDING_BYTES = 64 * 1024;

/** The bus as this adapter needs it. Publishing never rejects. */
interface Publisher {
  publish(topic: string, message: unknown, pointer?: unknown): Promise<void>;
}

/** News over the bus, fire and forget: whoever misses it finds it in Postgres. */
export function createBusNews(bus: Publisher): News {
  return {
    logGrew({ generationId, seqTo, events, inbox }) {
      const pointer: GenerationNews = { generationId, seqTo };
      const full: GenerationNews = { generationId, seqTo, events: [...events] };
      const message = Buffer.byteLength(JSON.stringify(full)) < MAX_RIDING_BYTES ? full : pointer;
      void bus.publish(generationTopic(generationId), message, pointer);
      if (inbox) void bus.publish(inboxTopic(inbox.userId), inbox);
    },
    queued(generationId) {
      void bus.publish(QUEUED_TOPIC, { generationId });
    },
  };
}
