import { createMemoryRole } from "../testing/memory-role";
import type { MemoryRole } from "../testing/memory-role";
import { currentRedisBudget, withRedisBudget, withoutRedisBudget } from "./budget";

let role: MemoryRole;
let asked = 0;

beforeEach(() => {
  role = createMemoryRole();
  asked = 0;
});
afterEach(() => role.close());

/** Answers after `ms`, in spite of how the server is. */
function wait(ms: number, by: MemoryRole = role) {
  return by.guard.run({ name: "test.wait", deadlineMs: 1000 }, "a", async () => {
    asked += 1;
    await new Promise((resolve) => setTimeout(resolve, ms));
    return "done";
  });
}

function pause(ms: number) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const spent = { kind: "unavailable", fault: { code: "timeout" } };

it("shortens a deadline to what is left, and asks nobody when that is nothing", async () => {
  await withRedisBudget(300, async () => {
    expect(await wait(150)).toMatchObject({ kind: "ok" });
    const startedAt = performance.now();
    expect(await wait(5000)).toMatchObject(spent);
    expect(performance.now() - startedAt).toBeLessThan(1000);
    expect(await wait(1)).toMatchObject({
      fault: { message: expect.stringContaining("long enough") as string },
    });
    expect(asked).toBe(2);
  });
});

it("is one for all roles and for all that a request does at the same time", async () => {
  const other = createMemoryRole({ role: "cache" });
  await withRedisBudget(300, async () => {
    const answers = await Promise.all([wait(200), wait(200, other), wait(200)]);
    expect(answers).toMatchObject([{ kind: "ok" }, { kind: "ok" }, { kind: "ok" }]);
    expect(await wait(2000, other)).toMatchObject(spent);
    expect(await wait(1)).toMatchObject(spent);
  });
  await other.close();
});

it("does not count the time between", async () => {
  await withRedisBudget(300, async () => {
    for (let turn = 0; turn < 4; turn += 1) {
      expect(await wait(10)).toMatchObject({ kind: "ok" });
      await pause(100);
    }
  });
});

it("is each request's own, and nobody's outside of one", async () => {
  const answers = await Promise.all([
    withRedisBudget(50, () => wait(1500)),
    withRedisBudget(5000, () => wait(150)),
    wait(150),
  ]);
  expect(answers).toMatchObject([spent, { kind: "ok" }, { kind: "ok" }]);
});

it("leaves what a request only sets off its own deadlines, and renews with a request that lasts", async () => {
  const now = jest.spyOn(performance, "now");
  await withRedisBudget(50, async () => {
    expect(await wait(1500)).toMatchObject(spent);
    expect(await withoutRedisBudget(() => wait(150))).toMatchObject({ kind: "ok" });
    expect(await wait(1)).toMatchObject(spent);
    const aheadMs = performance.now() + 11_000;
    now.mockReturnValue(aheadMs);
    expect(await wait(1)).toMatchObject({ kind: "ok" });
  });
  now.mockRestore();
});

it("is not inherited by what follows from a change of health", async () => {
  const inherited: unknown[] = [];
  role.health.onChange(() => inherited.push(currentRedisBudget()));
  role.server.become("down");
  await withRedisBudget(20, async () => {
    for (let call = 0; call < 3; call += 1) {
      await role.guard.run("test.get", "a", (redis) => redis.get("a"));
    }
  });
  expect(inherited).toEqual([undefined]);
});

it("does not count a hurried request against Redis", async () => {
  for (let turn = 0; turn < 5; turn += 1) {
    expect(await withRedisBudget(5, () => wait(500))).toMatchObject(spent);
  }
  await pause(700);
  expect(role.health.status().mode).toBe("normal");
  expect(await wait(1)).toMatchObject({ kind: "ok" });
});
