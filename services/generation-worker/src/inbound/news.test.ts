import type { z } from "zod";
import { subscribeToArchives } from "./archive.consumer";
import { subscribeToNews, type NewsSource } from "./bus.subscriber";

/** A bus that is told by hand. */
function createHandBus() {
  const handlers: ((topic: string, message: unknown) => void)[] = [];
  const bus: NewsSource = {
    subscribe<T>(topic: string, schema: z.ZodType<T>, handler: (message: T) => void) {
      handlers.push((said, message) => {
        if (said === topic) handler(schema.parse(message));
      });
      return Promise.resolve(() => undefined);
    },
    onGap: () => () => undefined,
  };
  const say = (topic: string, message: unknown) => {
    for (const handle of handlers) handle(topic, message);
  };
  return { bus, say };
}

it("makes a worker look at the rows of the queue that is resumed, and of no other", async () => {
  const { bus, say } = createHandBus();
  const looks: string[] = [];
  const look = (what: string) => () => {
    looks.push(what);
    return Promise.resolve();
  };
  await subscribeToNews(bus, {
    take: { lookForRows: look("generations"), offer: () => Promise.resolve() },
    keepLeases: () => Promise.resolve(),
    isRunning: () => false,
  });
  await subscribeToArchives(bus, { lookForRows: look("archives") });
  say("queue-resumed", { name: "generation" });
  expect(looks).toEqual(["generations"]);
  say("queue-resumed", { name: "archive" });
  expect(looks).toEqual(["generations", "archives"]);
});
