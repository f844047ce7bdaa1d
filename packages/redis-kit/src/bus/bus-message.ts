import type { ZodType } from "zod";
import { describeError } from "../errors";
import type { KitLogger } from "../logger";

/**
 * Hands a received JSON value to a handler if it is of the schema; a bad message or handler harms nobody else.
 *
 * @returns whether the message was of the schema
 */
export function createReceiver<T>(
  options: { topic: string; schema: ZodType<T>; logger: KitLogger },
  handler: (message: T) => void,
): (message: unknown) => boolean {
  const { topic, schema, logger } = options;
  const call: (message: T) => unknown = handler;
  const report = (error: unknown) => {
    logger.error("a bus handler failed", { topic, error: describeError(error) });
  };
  return (message) => {
    const parsed = schema.safeParse(message);
    if (!parsed.success) {
      logger.warn("a bus message is not of its schema and was dropped", {
        topic,
        error: parsed.error.message,
      });
      return false;
    }
    try {
      // A handler that turns out to be asynchronous must not end the process by failing.
      const done = call(parsed.data);
      if (done instanceof Promise) done.catch(report);
    } catch (error) {
      report(error);
    }
    return true;
  };
}
