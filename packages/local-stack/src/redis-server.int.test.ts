import { isRedisReady } from "./redis-probe";
import { startRedis } from "./redis-server";

it("starts", async () => {
  const redis = (await startRedis({ onProgress: console.log }))!;
  expect(await isRedisReady(redis.port, redis.password)).toBe(true);
  console.log(redis.version, redis.pid);
  await redis.kill();
  expect(redis.pid).toBeUndefined();
  await redis.restart();
  redis.freeze();
  expect(await isRedisReady(redis.port, redis.password)).toBe(false);
  redis.resume();
  expect(await isRedisReady(redis.port, redis.password)).toBe(true);
  await redis.stop();
}, 60_000);
it("leaks", async () => {
  await startRedis();
});
