import { randomUUID } from "node:crypto";
import { z } from "zod";
import { createBus } from "../bus/bus";
import type { Bus } from "../bus/bus";
import { parseRedisConfig } from "../config";
import type { RedisRole } from "../connection/redis-role";
import { createKeys } from "../keys";
import { noMetrics } from "../metrics";
import type { KitMetrics } from "../metrics";
import { createMemoryBusTransport } from "./memory-bus-transport";
import type { MemoryBusHub, MemoryBusTransport } from "./memory-bus-transport";
import { eventually } from "./redis-faults";
import type { RedisFaults } from "./redis-faults";

/** The state role of two processes on one Redis. */
export interface BusSetup {
  readonly role: RedisRole;
  readonly otherRole: RedisRole;
  readonly faults: RedisFaults;
  close(): Promise<void>;
}

const keys = createKeys(parseRedisConfig({}));
const schema = z.object({ seq: z.number() });

/** What every bus has to do, whatever its Redis is. */
export function busBehaviour(name: string, setup: () => Promise<BusSetup>): void {
  describe(`bus on ${name}`, () => {
    let redis: BusSetup;
    let here: Bus;
    let there: Bus;
    let fallback: MemoryBusTransport;
    let otherFallback: MemoryBusTransport;
    let topic = "";

    function isNormal(role: RedisRole): boolean {
      return role.health.status().mode === "normal";
    }

    /** Publishes until it has come through: a subscriber may need a moment to be listening again. */
    async function comesThrough(seen: readonly number[], seq: number): Promise<void> {
      await eventually(`${seq} has come`, async () => {
        await here.publish(topic, { seq });
        return seen.includes(seq);
      });
    }

    beforeAll(async () => {
      redis = await setup();
    });
    beforeEach(async () => {
      await eventually("both roles are normal", () => [redis.role, redis.otherRole].every(isNormal));
      topic = `generation_${randomUUID()}`;
      const hub: MemoryBusHub = new Set();
      fallback = createMemoryBusTransport(hub);
      otherFallback = createMemoryBusTransport(hub);
      here = createBus({ role: redis.role, keys, fallback });
      there = createBus({ role: redis.otherRole, keys, fallback: otherFallback });
    });
    afterEach(() => Promise.all([here.close(), there.close()]));
    afterAll(() => redis.close());

    it("brings a message to the other process through Redis alone", async () => {
      const seen: number[] = [];
      await there.subscribe(topic, schema, ({ seq }) => seen.push(seq));
      await comesThrough(seen, 1);
      expect(fallback.published()).toBe(0);
    });

    it("brings nothing of other topics, and nothing after unsubscribing", async () => {
      const seen: number[] = [];
      const other: number[] = [];
      const unsubscribe = await there.subscribe(topic, schema, ({ seq }) => seen.push(seq));
      await there.subscribe(`${topic}-other`, schema, ({ seq }) => other.push(seq));
      await comesThrough(seen, 1);
      unsubscribe();
      unsubscribe();
      await here.publish(topic, { seq: 2 });
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(seen).not.toContain(2);
      expect(other).toEqual([]);
    });

    it("gives a message to all that listen in one process, and goes on when one of them throws", async () => {
      const seen: number[] = [];
      await there.subscribe(topic, schema, () => {
        throw new Error("a bad handler");
      });
      const unsubscribe = await there.subscribe(topic, schema, ({ seq }) => seen.push(seq));
      await comesThrough(seen, 1);
      unsubscribe();
      await there.subscribe(topic, schema, ({ seq }) => seen.push(seq));
      await comesThrough(seen, 2);
    });

    it("hears what it subscribed to again at once, and nothing once it is closed", async () => {
      const seen: number[] = [];
      const listen = () => there.subscribe(topic, schema, ({ seq }) => seen.push(seq));
      (await listen())();
      await listen();
      await comesThrough(seen, 1);
      await there.close();
      await listen();
      await here.publish(topic, { seq: 2 });
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(seen).not.toContain(2);
    });

    it("goes on when a handler turns out to be asynchronous and fails, and when a listener of gaps does", async () => {
      const seen: number[] = [];
      let gaps = 0;
      there.onGap(() => {
        throw new Error("a bad listener");
      });
      there.onGap(() => (gaps += 1));
      const fail: () => unknown = () => Promise.reject(new Error("a bad handler"));
      await there.subscribe(topic, schema, fail);
      await there.subscribe(topic, schema, ({ seq }) => seen.push(seq));
      await comesThrough(seen, 1);
      otherFallback.setCutOff(true);
      otherFallback.setCutOff(false);
      await eventually("the gap is announced", () => gaps > 0);
    });

    it("counts what was published, received and dropped, and the gaps", async () => {
      const counted: string[] = [];
      const metrics: KitMetrics = {
        ...noMetrics,
        count: (name, labels) => counted.push([name, ...Object.values(labels)].join(" ")),
      };
      const third = createBus({ role: redis.otherRole, keys, fallback: otherFallback, metrics });
      const seen: number[] = [];
      await third.subscribe(topic, schema, ({ seq }) => seen.push(seq));
      await comesThrough(seen, 1);
      await third.publish(topic, { seq: "two" });
      await eventually("it was dropped", () =>
        counted.includes("redis_bus_messages_total received redis dropped"),
      );
      expect(counted).toContain("redis_bus_messages_total received redis ok");
      expect(counted).toContain("redis_bus_messages_total published redis ok");
      otherFallback.setCutOff(true);
      otherFallback.setCutOff(false);
      expect(counted).toContain("redis_bus_gaps_total fallback");
      await third.close();
    });

    it("drops what is not of the schema", async () => {
      const seen: number[] = [];
      await there.subscribe(topic, schema, ({ seq }) => seen.push(seq));
      await comesThrough(seen, 1);
      await here.publish(topic, { seq: "two" });
      await redis.role.commands.publish(keys.notify(topic), "{ not json");
      await comesThrough(seen, 3);
      expect(seen.every((seq) => typeof seq === "number")).toBe(true);
    });

    it("goes through the fallback, with the pointer, while Redis is gone, and says that something may be missed", async () => {
      const seen: number[] = [];
      let gaps = 0;
      there.onGap(() => (gaps += 1));
      await there.subscribe(topic, schema, ({ seq }) => seen.push(seq));
      await comesThrough(seen, 1);
      const gapsBefore = gaps;
      await redis.faults.kill();
      await eventually("a gap is announced", () => gaps > gapsBefore, 3000);
      await here.publish(topic, { seq: 2, text: "too long for the fallback" }, { seq: 2 });
      await eventually("it has come", () => seen.includes(2), 1000);
      expect(fallback.published()).toBe(1);
      const gapsDown = gaps;
      await redis.faults.restart();
      await eventually("another gap is announced", () => gaps > gapsDown, 5000);
      await eventually("both roles are normal", () => [redis.role, redis.otherRole].every(isNormal), 6000);
      const publishedBefore = fallback.published();
      await comesThrough(seen, 3);
      expect(fallback.published()).toBe(publishedBefore);
    });

    it("never rejects and never hangs with a frozen Redis", async () => {
      const seen: number[] = [];
      await there.subscribe(topic, schema, ({ seq }) => seen.push(seq));
      redis.faults.freeze();
      const startedAt = performance.now();
      for (let seq = 1; seq <= 10; seq += 1) await here.publish(topic, { seq });
      expect(performance.now() - startedAt).toBeLessThan(1500);
      await eventually("all have come", () => seen.length >= 10, 1000);
      redis.faults.resume();
    });

    it("subscribes and publishes with both ways gone, and heals when they return", async () => {
      const seen: number[] = [];
      await redis.faults.kill();
      fallback.setCutOff(true);
      otherFallback.setCutOff(true);
      await there.subscribe(topic, schema, ({ seq }) => seen.push(seq));
      await here.publish(topic, { seq: 1 });
      expect(seen).toEqual([]);
      fallback.setCutOff(false);
      otherFallback.setCutOff(false);
      await comesThrough(seen, 2);
      await redis.faults.restart();
      await eventually("both roles are normal", () => [redis.role, redis.otherRole].every(isNormal));
      await comesThrough(seen, 3);
    });
  });
}
