import { createMemoryRole } from "../testing/memory-role";
import type { MemoryRole } from "../testing/memory-role";
import { createRecordingLogger } from "../testing/recording-logger";
import type { RecordingLogger } from "../testing/recording-logger";
import { eventually } from "../testing/redis-faults";
import type { RoleMode } from "./health";

let role: MemoryRole;
let logger: RecordingLogger;

function get() {
  return role.guard.run("test.get", "a", (redis) => redis.get("a"));
}

beforeEach(() => {
  logger = createRecordingLogger();
  role = createMemoryRole({ logger });
});
afterEach(() => role.close());

it("gives up at its deadline, and an own one where the operation has it", async () => {
  role.server.become("frozen");
  const startedAt = performance.now();
  const quick = { name: "test.get", deadlineMs: 30 };
  expect(await role.guard.run(quick, "a", (redis) => redis.get("a"))).toMatchObject({
    fault: { code: "timeout" },
  });
  expect(performance.now() - startedAt).toBeLessThan(140);
  expect(await get()).toMatchObject({ kind: "unavailable", fault: { code: "timeout" } });
});

it("answers at once after three failures, and lets go all that still wait", async () => {
  role.server.become("frozen");
  const early = Promise.all([get(), get(), get()]);
  await new Promise((resolve) => setTimeout(resolve, 100));
  const lateStartedAt = performance.now();
  const late = get().then(() => performance.now() - lateStartedAt);
  await early;
  expect(await late).toBeLessThan(130);
  const startedAt = performance.now();
  expect(await get()).toMatchObject({ kind: "unavailable", fault: { code: "breaker-open" } });
  expect(performance.now() - startedAt).toBeLessThan(20);
  expect(role.health.status()).toMatchObject({ mode: "degraded", reason: "timeout" });
});

it("needs no more failures after a busy time than after a quiet one", async () => {
  for (let call = 0; call < 300; call += 1) expect((await get()).kind).toBe("ok");
  role.server.become("frozen");
  const codes: string[] = [];
  for (let call = 0; call < 6; call += 1) {
    const answer = await get();
    codes.push(answer.kind === "unavailable" ? answer.fault.code : "ok");
  }
  expect(codes.filter((code) => code === "timeout").length).toBeLessThanOrEqual(3);
  expect(codes.at(-1)).toBe("breaker-open");
});

it("runs what had timed out when the server thaws: a time-out never means it did not happen", async () => {
  role.server.become("frozen");
  const written = await role.guard.run("test.set", "a", (redis) => redis.set("a", "late"));
  expect(written).toMatchObject({ kind: "unavailable" });
  role.server.become("up");
  await eventually("it has happened after all", () => role.server.peek("a") === "late");
});

it("goes normal, degraded, recovering, normal; each said once, the calls between only at debug", async () => {
  const modes: RoleMode[] = [];
  role.health.onChange(({ mode }) => modes.push(mode));
  role.server.become("down");
  for (let call = 0; call < 10; call += 1) await get();
  role.server.become("up");
  await eventually("normal", () => role.health.status().mode === "normal", 5000);
  expect(modes).toEqual(["degraded", "recovering", "normal"]);
  expect(logger.messages("warn", "info")).toEqual([
    "redis state is degraded: unreachable",
    "redis state answers again",
    "redis state is back to normal",
  ]);
  expect(logger.messages("error").length).toBeLessThanOrEqual(3);
  const [period] = role.health.history();
  expect(period?.reason).toBe("unreachable");
  expect(period?.to?.getTime()).toBeGreaterThan(period?.from.getTime() ?? 0);
});

it("notices without any call that the server is gone", async () => {
  role.server.become("down");
  await eventually("degraded", () => role.health.status().mode === "degraded", 3000);
});

it("does not blame the connection for a wrong command", async () => {
  role.server.poke("a", "text");
  for (let call = 0; call < 5; call += 1) {
    const answer = await role.guard.run("test", "a", (redis) => redis.smembers("a"));
    expect(answer).toMatchObject({ kind: "unavailable", fault: { code: "failed" } });
  }
  expect(await get()).toEqual({ kind: "ok", value: "text" });
  expect(role.health.status().mode).toBe("normal");
});

it("answers as unavailable when the command throws instead of rejecting", async () => {
  const answer = await role.guard.run("test", "a", () => {
    throw new Error("thrown");
  });
  expect(answer).toMatchObject({ kind: "unavailable", fault: { code: "failed", message: "thrown" } });
});

it("logs what an operation was, on what, how long and how it ended", async () => {
  await get();
  const line = logger.lines.find(({ message }) => message === "redis operation");
  expect(line).toMatchObject({ level: "debug", fields: { operation: "test.get", key: "a", outcome: "ok" } });
  expect(line?.fields["durationMs"]).toEqual(expect.any(Number));
});

it("blames the event loop, not Redis, for an answer that came during a stall", async () => {
  const answer = role.guard.run("test", "a", async (redis) => {
    await new Promise((resolve) => setTimeout(resolve, 100));
    // As with a socket, the answer is read only after the timers that are due.
    await new Promise((resolve) => setImmediate(resolve));
    return redis.get("a");
  });
  const until = performance.now() + 250;
  while (performance.now() < until) {
    // The process is busy with something else.
  }
  expect(await answer).toMatchObject({ kind: "ok" });
});
