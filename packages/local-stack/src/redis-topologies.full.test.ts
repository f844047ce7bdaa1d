import { askRedis } from "./redis-ask";
import { startRedisCluster } from "./redis-cluster";
import { startRedisSentinel } from "./redis-sentinel";

jest.setTimeout(90_000);

it("a Cluster serves all slots, and does so again after a kill of all nodes", async () => {
  const cluster = await startRedisCluster();
  if (cluster === undefined) throw new Error("there is no Redis to test with");
  try {
    const [first] = cluster.nodes;
    if (first === undefined) throw new Error("there is no node");
    expect(await askRedis(first, "CLUSTER", "INFO")).toContain("cluster_slots_ok:16384");
    await cluster.kill();
    await cluster.restart();
    expect(await askRedis(first, "CLUSTER", "INFO")).toContain("cluster_slots_ok:16384");
  } finally {
    await cluster.stop();
  }
});

it("Sentinels make the replica a master when the master dies, and the old master its replica", async () => {
  const sentinel = await startRedisSentinel();
  if (sentinel === undefined) throw new Error("there is no Redis to test with");
  try {
    const before = await sentinel.findMaster();
    await askRedis(before, "SET", "kept", "yes");
    await askRedis(before, "WAIT", "1", "1000");
    await before.kill();
    const startedAt = performance.now();
    const after = await sentinel.waitForMaster();
    expect(after.port).not.toBe(before.port);
    expect(performance.now() - startedAt).toBeLessThan(30_000);
    expect(await askRedis(after, "GET", "kept")).toBe("yes");
    await before.restart();
    for (;;) {
      const text = String(await askRedis(before, "INFO", "replication"));
      if (text.includes("role:slave")) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  } finally {
    await sentinel.stop();
  }
});
