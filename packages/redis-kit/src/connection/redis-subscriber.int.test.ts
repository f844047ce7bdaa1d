import { startRedis } from "@vibe-friend/local-stack/redis-server";
import type { RedisServer } from "@vibe-friend/local-stack/redis-server";
import { connectTestRole } from "../testing/connect-test-role";
import { eventually } from "../testing/redis-faults";
import type { RedisRole, RedisSubscriber } from "./redis-role";

jest.setTimeout(30_000);

let redis: RedisServer;
let role: RedisRole;
let subscriber: RedisSubscriber;
let heard = new Set<string>();

/** Subscribes to another channel at every turn of the event loop until one is confirmed. @returns all of them */
async function subscribeWhileConnecting(prefix: string): Promise<string[]> {
  const channels: string[] = [];
  const confirmed: string[] = [];
  while (confirmed.length === 0) {
    const channel = `${prefix}-${channels.length}`;
    channels.push(channel);
    void subscriber.subscribe(channel).then(
      () => confirmed.push(channel),
      () => undefined,
    );
    await new Promise((resolve) => setImmediate(resolve));
  }
  return channels;
}

async function expectAllHeard(channels: readonly string[]): Promise<void> {
  for (const channel of channels) await role.commands.publish(channel, "x");
  await role.commands.publish("last", "x");
  await eventually("the last one has come", () => heard.has("last"));
  expect(channels.filter((channel) => !heard.has(channel))).toEqual([]);
}

beforeAll(async () => {
  const started = await startRedis();
  if (started === undefined) throw new Error("there is no Redis to test with");
  redis = started;
  ({ role } = await connectTestRole(redis.url));
});

beforeEach(() => {
  heard = new Set();
  subscriber = role.createSubscriber({
    onMessage: (channel) => heard.add(channel),
    onGap: () => undefined,
  });
  subscriber.subscribe("last").catch(() => undefined);
});

afterEach(() => subscriber.close());

afterAll(async () => {
  await role.close();
  await redis.stop();
});

it("hears every channel that was asked for while the connection was being made", async () => {
  await expectAllHeard(await subscribeWhileConnecting("new"));
});

it("hears every channel that was asked for while Redis was coming back", async () => {
  await eventually("it listens", async () => {
    await role.commands.publish("last", "x");
    return heard.has("last");
  });
  heard.clear();
  await redis.kill();
  await redis.restart();
  const channels = await subscribeWhileConnecting("again");
  await eventually("Redis is well", () => role.health.status().mode === "normal");
  await expectAllHeard(channels);
});
