import { createMemoryQueue } from "../testing/memory-queue";
import { queueBehaviour, suiteJobs } from "../testing/queue-behaviour";

queueBehaviour("the double", () => {
  const queue = createMemoryQueue(suiteJobs);
  return Promise.resolve({
    producer: queue.producer,
    createConsumer: (handlers, concurrency) => queue.createConsumer(handlers, concurrency),
    setAway(away) {
      queue.setAway(away);
      return Promise.resolve();
    },
    close: () => queue.producer.close(),
  });
});
