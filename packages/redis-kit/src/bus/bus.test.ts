import { z } from "zod";
import { parseRedisConfig } from "../config";
import { createKeys } from "../keys";
import { busBehaviour } from "../testing/bus-behaviour";
import { createMemoryBusTransport } from "../testing/memory-bus-transport";
import { createAbsentRole, createMemoryRole } from "../testing/memory-role";
import { createMemoryFaults, eventually } from "../testing/redis-faults";
import { createBus } from "./bus";
import type { BusTransport } from "./bus-transport";

busBehaviour("the double", () => {
  const role = createMemoryRole();
  const otherRole = createMemoryRole({ server: role.server });
  return Promise.resolve({
    role,
    otherRole,
    faults: createMemoryFaults(role.server),
    async close() {
      await Promise.all([role.close(), otherRole.close()]);
    },
  });
});

it("goes through the fallback alone when Redis is switched off", async () => {
  const seen: unknown[] = [];
  const fallback = createMemoryBusTransport();
  const bus = createBus({ role: createAbsentRole(), keys: createKeys(parseRedisConfig({})), fallback });
  await bus.subscribe("topic", z.string(), (message) => seen.push(message));
  await bus.publish("topic", "hello");
  await eventually("it has come", () => seen.length > 0);
  expect(seen).toEqual(["hello"]);
  await bus.close();
});

it("resolves the second subscription of a topic only when the topic is listened on", async () => {
  let confirm: () => void = () => undefined;
  const transport = createMemoryBusTransport();
  const fallback: BusTransport = {
    ...transport,
    async subscribe(topic, handler) {
      await new Promise<void>((resolve) => (confirm = resolve));
      return transport.subscribe(topic, handler);
    },
  };
  const bus = createBus({ role: createAbsentRole(), keys: createKeys(parseRedisConfig({})), fallback });
  const seen: string[] = [];
  const first = bus.subscribe("topic", z.string(), () => undefined);
  let isListening = false;
  const second = bus
    .subscribe("topic", z.string(), (message) => seen.push(message))
    .then(() => (isListening = true));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(isListening).toBe(false);
  confirm();
  await Promise.all([first, second]);
  await bus.publish("topic", "hello");
  await eventually("it has come", () => seen.includes("hello"));
  await bus.close();
});
