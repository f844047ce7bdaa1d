import type { ZodType } from "zod";
import { describeError } from "../errors";
import type { KitLogger } from "../logger";

/** Hands a received JSON value to a handler if it is of the schema; a bad message or handler harms nobody else. */
export function createReceiver<T>(
  options: { topic: string; schema: ZodType<T>; logger: KitLogger },
  handler: (message: T) => void,
): (message: unknown) => void {
  const { topic, schema, logger } = options;
  return (message) => {
    const parsed = schema.safeParse(message);
    if (!parsed.success) {
      logger.warn("a bus message is not of its schema and was dropped", {
        topic,
        error: parsed.error.message,
      });
      return;
    }
    try {
      handler(parsed.data);
    } catch (error) {
      logger.error("a bus handler failed", { topic, error: describeError(error) });
    }
  };
}
