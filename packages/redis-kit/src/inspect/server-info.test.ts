import { judgeServer } from "./role-warnings";
import type { JudgedServer, RoleWarning } from "./role-warnings";
import { parseLatency, parseSlowlog } from "./server-events";
import { parseServerInfo } from "./server-info";

const healthyLines = [
  "# Server",
  "redis_version:7.0.15",
  "run_id:abc",
  "uptime_in_seconds:120",
  "maxclients:10000",
  "used_memory:1000000",
  "maxmemory:536870912",
  "maxmemory_policy:noeviction",
  "mem_fragmentation_ratio:12.4",
  "aof_enabled:1",
  "rdb_last_bgsave_status:ok",
  "aof_last_write_status:ok",
  "rdb_last_save_time:1700000000",
  "role:master",
];

function judge(lines: readonly string[], server: Partial<JudgedServer> = {}): RoleWarning["code"][] {
  // The last of two lines with one name counts.
  const info = parseServerInfo([...healthyLines, ...lines].join("\r\n"));
  return judgeServer({ role: "state", isCluster: false, info, ...server }).map(({ code }) => code);
}

describe("server info", () => {
  it("gives the sections typed, with hit rate and databases", () => {
    const info = parseServerInfo(
      [
        ...healthyLines,
        "keyspace_hits:90",
        "keyspace_misses:10",
        "db0:keys=7,expires=3,avg_ttl=9",
        "db2:keys=1,expires=0",
      ].join("\r\n"),
    );
    expect(info.server).toEqual({ version: "7.0.15", runId: "abc", mode: "", uptimeSeconds: 120 });
    expect(info.stats.hitRate).toBe(0.9);
    expect(info.persistence).toMatchObject({ appendOnly: true, saveRunning: false, lastSaveOk: true });
    expect(info.persistence.lastSaveAt).toEqual(new Date("2023-11-14T22:13:20.000Z"));
    expect(info.keyspace).toEqual([
      { database: 0, keys: 7, expiringKeys: 3 },
      { database: 2, keys: 1, expiringKeys: 0 },
    ]);
  });

  it("has no hit rate before the first read", () => {
    expect(parseServerInfo("keyspace_hits:0\r\nkeyspace_misses:0").stats).not.toHaveProperty("hitRate");
  });

  it("tells a replica from a master", () => {
    const text = "role:slave\r\nmaster_host:10.0.0.1\r\nmaster_port:6379\r\nmaster_link_status:down";
    expect(parseServerInfo(text).replication).toEqual({
      role: "replica",
      connectedReplicas: 0,
      master: { address: "10.0.0.1:6379", linkUp: false },
    });
  });
});

describe("warnings about a server", () => {
  it("has none about a state server that is set up as it should be", () => {
    expect(judge([])).toEqual([]);
  });

  it.each<[RoleWarning["code"], readonly string[], Partial<JudgedServer>]>([
    ["evicting-policy", ["maxmemory_policy:allkeys-lru"], {}],
    ["has-evicted", ["evicted_keys:3"], {}],
    ["never-evicting-cache", [], { role: "cache" }],
    ["memory-unlimited", ["maxmemory:0"], {}],
    ["memory-nearly-full", ["used_memory:520000000", "mem_fragmentation_ratio:1"], {}],
    ["no-persistence", ["aof_enabled:0"], { savePoints: "" }],
    ["no-append-log", ["aof_enabled:0"], { savePoints: "900 1" }],
    ["no-append-log", ["aof_enabled:0"], {}],
    ["save-failed", ["rdb_last_bgsave_status:err"], {}],
    ["append-failed", ["aof_last_write_status:err"], {}],
    ["fragmented", ["used_memory:200000000", "mem_fragmentation_ratio:1.9"], {}],
    ["swapped-out", ["used_memory:200000000", "mem_fragmentation_ratio:0.4"], {}],
    ["connections-refused", ["rejected_connections:2"], {}],
    ["replica", ["role:slave"], {}],
  ])("says %s", (code, lines, server) => {
    expect(judge(lines, server)).toEqual([code]);
  });

  it("asks no persistence of a cache, and takes a replica in Cluster for what it is", () => {
    expect(
      judge(["aof_enabled:0", "maxmemory_policy:allkeys-lru"], { role: "cache", savePoints: "" }),
    ).toEqual([]);
    expect(judge(["role:slave"], { isCluster: true })).toEqual([]);
  });

  it("names the worst first", () => {
    expect(judge(["maxmemory:0", "rdb_last_bgsave_status:err"])).toEqual(["save-failed", "memory-unlimited"]);
  });
});

describe("events of a server", () => {
  it("keeps of a slow command its name and key, never a value", () => {
    const answer = [
      [
        7,
        1700000000,
        12_500,
        ["set", "gvf:session:abc", "secret"],
        "127.0.0.1:1",
        "vibe-friend:state:commands",
      ],
      [6, 1700000000, 11_000, ["AUTH", "hunter2"], "127.0.0.1:1"],
    ];
    expect(parseSlowlog(answer, (text) => text.startsWith("gvf:"))).toEqual([
      {
        at: new Date("2023-11-14T22:13:20.000Z"),
        durationMs: 12.5,
        command: "SET",
        key: "gvf:session:abc",
        client: "vibe-friend:state:commands",
      },
      { at: new Date("2023-11-14T22:13:20.000Z"), durationMs: 11, command: "AUTH", client: "" },
    ]);
  });

  it("reads what LATENCY LATEST answers", () => {
    expect(parseLatency([["command", 1700000000, 120, 300]])).toEqual([
      { event: "command", at: new Date("2023-11-14T22:13:20.000Z"), latestMs: 120, maxMs: 300 },
    ]);
    expect(parseLatency([])).toEqual([]);
  });
});
