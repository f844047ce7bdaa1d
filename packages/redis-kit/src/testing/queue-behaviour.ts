import { randomUUID } from "node:crypto";
import { z } from "zod";
import { defineJobs } from "../queue/job-catalogue";
import type { JobConsumer, JobHandlers } from "../queue/job-consumer";
import type { JobProducer } from "../queue/job-producer";
import { eventually } from "./redis-faults";

/** The jobs the suite works with. */
export const suiteJobs = defineJobs({
  greet: z.object({ name: z.string().max(10) }),
  count: z.object({ to: z.number() }),
});

/** An empty queue of its own. */
export interface QueueSetup {
  readonly producer: JobProducer<typeof suiteJobs>;
  createConsumer(handlers: JobHandlers<typeof suiteJobs>, concurrency: number): JobConsumer;
  /** Away: nothing can be added or taken. */
  setAway(away: boolean): Promise<void>;
  close(): Promise<void>;
}

/** What every queue has to do, whatever carries it. */
export function queueBehaviour(name: string, setup: () => Promise<QueueSetup>): void {
  describe(`queue on ${name}`, () => {
    let queue: QueueSetup;
    let consumers: JobConsumer[] = [];

    function consume(handlers: Partial<JobHandlers<typeof suiteJobs>>, concurrency = 1): JobConsumer {
      const nothing = () => Promise.resolve();
      const consumer = queue.createConsumer({ greet: nothing, count: nothing, ...handlers }, concurrency);
      consumers.push(consumer);
      consumer.start();
      return consumer;
    }

    beforeEach(async () => {
      queue = await setup();
    });
    afterEach(async () => {
      await Promise.all(consumers.map((consumer) => consumer.close({ timeoutMs: 0 })));
      consumers = [];
      await queue.close();
    });

    it("hands a job with its data to a handler", async () => {
      const seen: unknown[] = [];
      const consumer = consume({
        greet: (data, { jobId }) => {
          seen.push(data, jobId);
          return Promise.resolve();
        },
      });
      expect(await queue.producer.add("greet", { name: "Ada" }, { id: "job-1" })).toEqual({ kind: "ok" });
      await eventually("the job has run", () => seen.length > 0);
      expect(seen).toEqual([{ name: "Ada" }, "job-1"]);
      expect(consumer.lastActivityAt()).toBeGreaterThan(Date.now() - 5000);
    });

    it("runs a job once that was added many times under one id", async () => {
      let runs = 0;
      const add = () => queue.producer.add("greet", { name: "Ada" }, { id: "same" });
      await Promise.all(Array.from({ length: 20 }, add));
      consume({
        greet: () => {
          runs += 1;
          return Promise.resolve();
        },
      });
      await eventually("it has run", () => runs > 0);
      await add();
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(runs).toBe(1);
    });

    it("takes the most urgent first", async () => {
      const order: number[] = [];
      for (const [index, priority] of [10, 5, 1].entries()) {
        await queue.producer.add("count", { to: priority }, { id: `p-${index}`, priority });
      }
      consume({
        count: ({ to }) => {
          order.push(to);
          return Promise.resolve();
        },
      });
      await eventually("all have run", () => order.length === 3);
      expect(order).toEqual([1, 5, 10]);
    });

    it("runs as many at a time as it may", async () => {
      let atOnce = 0;
      let most = 0;
      let done = 0;
      const work = async () => {
        atOnce += 1;
        most = Math.max(most, atOnce);
        await new Promise((resolve) => setTimeout(resolve, 60));
        atOnce -= 1;
        done += 1;
      };
      for (let job = 0; job < 9; job += 1) await queue.producer.add("count", { to: job }, { id: `c-${job}` });
      consume({ count: work }, 3);
      await eventually("all have run", () => done === 9);
      expect(most).toBe(3);
    });

    it("counts a job whose handler rejects as failed, and goes on", async () => {
      let ran = false;
      await queue.producer.add("greet", { name: "Ada" }, { id: "bad" });
      await queue.producer.add("count", { to: 1 }, { id: "good" });
      consume({
        greet: () => Promise.reject(new Error("no")),
        count: () => {
          ran = true;
          return Promise.resolve();
        },
      });
      await eventually("the other has run", () => ran);
      await eventually("both are counted", async () => {
        const counts = await queue.producer.counts();
        return counts.kind === "ok" && counts.value.failed === 1 && counts.value.completed === 1;
      });
    });

    it("refuses data and ids that can't be, before anything is sent", async () => {
      await expect(queue.producer.add("greet", { name: "much too long" }, { id: "a" })).rejects.toThrow(
        "name",
      );
      await expect(queue.producer.add("greet", { name: "Ada" }, { id: "a:b" })).rejects.toThrow(RangeError);
      await expect(queue.producer.add("greet", { name: "Ada" }, { id: "123" })).rejects.toThrow(RangeError);
    });

    it("takes nothing while paused", async () => {
      let runs = 0;
      const consumer = consume({
        greet: () => {
          runs += 1;
          return Promise.resolve();
        },
      });
      await queue.producer.add("greet", { name: "Ada" }, { id: randomUUID() });
      await eventually("the first has run", () => runs === 1);
      await consumer.pause();
      await queue.producer.add("greet", { name: "Ada" }, { id: randomUUID() });
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(runs).toBe(1);
      consumer.resume();
      await eventually("the second has run", () => runs === 2);
    });

    it("waits for running jobs when closing, and aborts those that outlast the time-out", async () => {
      const ended: string[] = [];
      const consumer = consume(
        {
          greet: async () => {
            await new Promise((resolve) => setTimeout(resolve, 100));
            ended.push("quick");
          },
          count: (_data, { signal }) =>
            new Promise((_resolve, reject) => {
              signal.addEventListener("abort", () => {
                ended.push("aborted");
                reject(new Error("aborted"));
              });
            }),
        },
        2,
      );
      await queue.producer.add("greet", { name: "Ada" }, { id: "quick" });
      await queue.producer.add("count", { to: 1 }, { id: "endless" });
      await eventually("both run", () => consumer.running() === 2);
      const startedAt = performance.now();
      await consumer.close({ timeoutMs: 300 });
      expect(ended).toEqual(["quick", "aborted"]);
      expect(performance.now() - startedAt).toBeLessThan(3500);
      expect(consumer.running()).toBe(0);
    });

    it("answers an add within its deadline while the queue is away, and runs jobs added after its return", async () => {
      let runs = 0;
      consume({
        greet: () => {
          runs += 1;
          return Promise.resolve();
        },
      });
      await queue.producer.add("greet", { name: "Ada" }, { id: "before" });
      await eventually("it works", () => runs === 1);
      await queue.setAway(true);
      const startedAt = performance.now();
      const lost = await queue.producer.add("greet", { name: "Ada" }, { id: "during" });
      expect(lost.kind).toBe("unavailable");
      expect(performance.now() - startedAt).toBeLessThan(1500);
      await queue.setAway(false);
      await eventually("adding works again", async () => {
        return (await queue.producer.add("greet", { name: "Ada" }, { id: "after" })).kind === "ok";
      });
      await eventually("it runs again", () => runs >= 2);
    });
  });
}
