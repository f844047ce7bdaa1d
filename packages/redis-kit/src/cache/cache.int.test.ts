import { startRedis } from "@vibe-friend/local-stack/redis-server";
import { cacheBehaviour } from "../testing/cache-behaviour";
import { connectTestRole } from "../testing/connect-test-role";
import { createServerFaults } from "../testing/server-faults";

jest.setTimeout(30_000);

cacheBehaviour("a real server", async () => {
  const redis = await startRedis();
  if (redis === undefined) throw new Error("there is no Redis to test with");
  const here = await connectTestRole(redis.url, {}, "cache");
  const there = await connectTestRole(redis.url, {}, "cache");
  return {
    role: here.role,
    otherRole: there.role,
    faults: createServerFaults(redis),
    async close() {
      await Promise.all([here.role.close(), there.role.close()]);
      await redis.stop();
    },
  };
});
