import { EventEmitter } from "node:events";
import { noLogger } from "../logger";
import { eventually } from "../testing/redis-faults";
import type { RedisClient } from "./redis-role";
import { createRedisSubscriber } from "./redis-subscriber";

it("announces a gap when a channel is confirmed only after nobody waited for it any more", async () => {
  let confirm: () => void = () => undefined;
  const client = Object.assign(new EventEmitter(), {
    status: "ready",
    ping: () => Promise.resolve("PONG"),
    subscribe: () => new Promise<void>((resolve) => (confirm = resolve)),
    disconnect: () => undefined,
  });
  let gaps = 0;
  const subscriber = createRedisSubscriber({
    client: client as unknown as RedisClient,
    listener: { onMessage: () => undefined, onGap: () => (gaps += 1) },
    logger: noLogger,
  });
  const first = subscriber.subscribe("late");
  await expect(first).rejects.toMatchObject({ code: "timeout" });
  expect(gaps).toBe(0);
  confirm();
  await eventually("the gap is announced", () => gaps === 1, 3000);
  const second = subscriber.subscribe("in time");
  confirm();
  await second;
  expect(gaps).toBe(1);
  await subscriber.close();
});
