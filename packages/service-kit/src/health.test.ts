import { createHealth } from "./health";

describe("health", () => {
  it("is ready when every part is well", async () => {
    const health = createHealth();
    health.addCheck("database", () => ({ state: "ok" }));
    expect(await health.read()).toEqual({ status: "ready", checks: { database: { state: "ok" } } });
  });

  it("is degraded, with the reason, while the job can still be done", async () => {
    const health = createHealth();
    health.addCheck("redis", () => ({ state: "down", reason: "unreachable" }));
    expect(await health.read()).toMatchObject({
      status: "degraded",
      checks: { redis: { reason: "unreachable" } },
    });
  });

  it("is unready when what it can't do without is down", async () => {
    const health = createHealth();
    health.addCheck("database", () => Promise.reject(new Error("refused")));
    health.unreadyWhen((down) => down.has("database"));
    expect(await health.read()).toEqual({
      status: "unready",
      checks: { database: { state: "down", reason: "refused" } },
    });
  });

  it("counts a check that hangs as down", async () => {
    const health = createHealth();
    health.addCheck("database", () => new Promise(() => undefined));
    expect(await health.read()).toMatchObject({ checks: { database: { state: "down" } } });
  });

  it("is draining from the first moment of a stop", async () => {
    const health = createHealth();
    health.startDraining();
    expect((await health.read()).status).toBe("draining");
  });
});
