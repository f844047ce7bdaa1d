import { createKeys } from "@vibe-friend/redis-kit/keys";
import { parseRedisConfig } from "@vibe-friend/redis-kit/config";
import { createMemoryRole } from "@vibe-friend/redis-kit/testing/memory-role";
import type { MemoryRole } from "@vibe-friend/redis-kit/testing/memory-role";
import { createLogger } from "./logger";

type Line = Readonly<Record<string, unknown>>;

const key = createKeys(parseRedisConfig({})).session("hash");
let lines: Line[];
let role: MemoryRole;

/** What winston writes, as a log collector would read it. */
function listen(): void {
  lines = [];
  const stdout = Reflect.get(console, "_stdout") as NodeJS.WritableStream;
  jest.spyOn(stdout, "write").mockImplementation((text) => {
    lines.push(JSON.parse(text) as Line);
    return true;
  });
}

beforeEach(() => {
  listen();
  role = createMemoryRole({ logger: createLogger("test", { level: "debug", format: "json" }) });
});

afterEach(async () => {
  jest.restoreAllMocks();
  await role.close();
});

const operationLines = () => lines.filter((line) => line["operation"] === "session.find");

describe("the log of Redis operations through winston", () => {
  it("has one line at debug for one that went well, with name, key, time and outcome, and no value", async () => {
    await role.commands.set(key, "a-secret");
    await role.guard.run("session.find", key, (redis) => redis.get(key));
    expect(operationLines()).toEqual([
      {
        time: expect.any(String) as unknown,
        level: "debug",
        service: "test",
        message: "redis operation",
        operation: "session.find",
        key,
        durationMs: expect.any(Number) as unknown,
        outcome: "ok",
      },
    ]);
    expect(JSON.stringify(lines)).not.toContain("a-secret");
  });

  it("warns of a slow one", async () => {
    await role.guard.run("session.find", key, () => new Promise((resolve) => setTimeout(resolve, 80)));
    expect(operationLines()).toMatchObject([{ level: "warn", outcome: "ok" }]);
    expect(operationLines()[0]?.["durationMs"]).toBeGreaterThanOrEqual(70);
  });

  it("has an error with its fault for one that failed, and goes quiet once the role is known to be away", async () => {
    role.server.become("down");
    for (let turn = 0; turn < 10; turn += 1) {
      await role.guard.run("session.find", key, (redis) => redis.get(key));
    }
    const levels = operationLines().map((line) => line["level"]);
    expect(levels[0]).toBe("error");
    expect(operationLines()[0]).toMatchObject({
      outcome: "unreachable",
      error: expect.any(String) as unknown,
    });
    expect(levels.at(-1)).toBe("debug");
    expect(levels.filter((level) => level === "error").length).toBeLessThanOrEqual(3);
    expect(lines.filter(({ message }) => message === "redis state is degraded: unreachable")).toHaveLength(1);
  });

  it("says that one took too long, as an error", async () => {
    role.server.become("frozen");
    await role.guard.run("session.find", key, (redis) => redis.get(key));
    expect(operationLines()).toMatchObject([{ level: "error", outcome: "timeout" }]);
  });
});
