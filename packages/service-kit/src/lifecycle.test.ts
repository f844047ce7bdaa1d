import { createLifecycle } from "./lifecycle";
import { createRecordingLogger } from "./testing/recording-logger";

describe("lifecycle", () => {
  it("closes newest first, each after the one before", async () => {
    const lifecycle = createLifecycle(createRecordingLogger());
    const closed: string[] = [];
    const close = async (name: string) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      closed.push(name);
    };
    lifecycle.own("database", "database", close);
    lifecycle.own("redis", "redis", close);
    lifecycle.own("server", "server", close);
    expect(await lifecycle.stop()).toBe(true);
    expect(closed).toEqual(["server", "redis", "database"]);
  });

  it("tells streams to end before anything is closed", async () => {
    const lifecycle = createLifecycle(createRecordingLogger());
    let wasDraining = false;
    lifecycle.own("server", 1, () => (wasDraining = lifecycle.draining.aborted));
    await lifecycle.stop();
    expect(wasDraining).toBe(true);
  });

  it("goes on after a close that fails or hangs, and says so", async () => {
    const logger = createRecordingLogger();
    const lifecycle = createLifecycle(logger, 50);
    const closed: string[] = [];
    lifecycle.own("first", "first", (name) => closed.push(name));
    lifecycle.own("broken", 0, () => {
      throw new Error("no");
    });
    lifecycle.own("hanging", 0, () => new Promise(() => undefined));
    expect(await lifecycle.stop()).toBe(false);
    expect(closed).toEqual(["first"]);
    expect(logger.lines.map((line) => line.fields["resource"])).toEqual(["hanging", "broken"]);
  });

  it("closes once however often it is asked to", async () => {
    const lifecycle = createLifecycle(createRecordingLogger());
    let closes = 0;
    lifecycle.own("server", 0, () => (closes += 1));
    await Promise.all([lifecycle.stop(), lifecycle.stop()]);
    expect(closes).toBe(1);
  });
});
