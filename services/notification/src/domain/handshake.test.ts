import { createAuthenticate } from "./authenticate";
import { createCheckOrigin } from "./check-origin";
import { describeSystem } from "./describe-system";
import { describeProblem, Refused } from "./errors";
import type { RoleView } from "./ports";
import { createRateGate } from "./rate-gate";
import { silentLogger as logger } from "./testing/silent-logger";
import { createWatchSessions } from "./watch-sessions";

describe("check origin", () => {
  const isAllowed = createCheckOrigin(["https://site.example/", "http://localhost:8080"]);

  it.each([
    [undefined, "any.example"],
    ["https://site.example", "10.0.0.1:8084"],
    ["http://localhost:8080", undefined],
    ["https://other.example:9000", "OTHER.example:9000"],
  ])("lets %s in at %s", (origin, host) => {
    expect(isAllowed({ origin, host })).toBe(true);
  });

  it.each([
    ["https://evil.example", "site.example"],
    ["http://site.example", "10.0.0.1"],
    ["https://site.example.evil.example", undefined],
    ["https://site.example:444", undefined],
    ["null", "site.example"],
    ["", "site.example"],
  ])("refuses %s at %s", (origin, host) => {
    expect(isAllowed({ origin, host })).toBe(false);
  });
});

describe("authenticate", () => {
  it("tells a missing session from a store that can't be asked", async () => {
    const answers = {
      yes: { kind: "found", person: { userId: "u", sessionId: "s" } },
      no: { kind: "none" },
    } as const;
    const authenticate = createAuthenticate({
      find: (token) =>
        Promise.resolve(token === "yes" || token === "no" ? answers[token] : { kind: "unavailable" }),
    });
    expect(await authenticate("yes")).toEqual({ userId: "u", sessionId: "s" });
    await expect(authenticate("no")).rejects.toMatchObject({ code: "unauthenticated" });
    await expect(authenticate(undefined)).rejects.toMatchObject({ code: "unauthenticated" });
    await expect(authenticate("?")).rejects.toMatchObject({ code: "unavailable" });
  });

  it("says nothing of the inside in a problem nobody expected", () => {
    expect(describeProblem(new Error("password=x"))).toMatchObject({ code: "internal", status: 500 });
    expect(JSON.stringify(describeProblem(new Error("password=x")))).not.toContain("password");
    expect(describeProblem(new Refused("not_found"))).toMatchObject({ status: 404 });
  });
});

describe("describe system", () => {
  const role = (mode: "normal" | "degraded" | "recovering", second: number): RoleView => ({
    status: () => ({ mode, since: new Date(second * 1000) }),
    onChange: () => () => undefined,
  });
  const since = (second: number) => new Date(second * 1000).toISOString();

  it("is as bad as the worse role, from its first moment on", () => {
    const bad = describeSystem({ state: role("degraded", 5), cache: role("recovering", 1) });
    expect(bad).toEqual({
      mode: "degraded",
      since: since(5),
      roles: { state: "degraded", cache: "recovering" },
    });
    const both = describeSystem({ state: role("degraded", 5), cache: role("degraded", 2) });
    expect(both.since).toBe(since(2));
  });

  it("is well since the last role is well", () => {
    expect(describeSystem({ state: role("normal", 5), cache: role("normal", 9) }).since).toBe(since(9));
  });
});

describe("watch sessions", () => {
  function createWorld(find: (ids: readonly string[]) => Promise<readonly string[]>) {
    const ended: string[] = [];
    const cut: string[] = [];
    const time = { ms: 0 };
    const watch = createWatchSessions({
      sessions: { findOpen: find },
      list: () => ["a", "b"],
      end: (ids) => void ended.push(...ids),
      cut: (ids) => void cut.push(...ids),
      logger,
      staleMaxMs: 1000,
      clock: () => time.ms,
    });
    return { watch, ended, cut, time };
  }

  it("ends those that are no longer good", async () => {
    const world = createWorld(() => Promise.resolve(["b"]));
    await world.watch();
    expect(world.ended).toEqual(["a"]);
  });

  it("ends nobody while Postgres can't say, and closes everybody without a verdict after the limit", async () => {
    const world = createWorld(() => Promise.reject(new Error("away")));
    world.time.ms = 1000;
    await world.watch();
    expect(world.cut).toEqual([]);
    world.time.ms = 1001;
    await world.watch();
    expect(world.cut).toEqual(["a", "b"]);
    expect(world.ended).toEqual([]);
  });
});

describe("rate gate", () => {
  it("lets a burst through, then its pace", () => {
    const time = { ms: 0 };
    const admit = createRateGate({ burst: 3, perSecond: 2 }, () => time.ms);
    expect([admit(), admit(), admit(), admit()]).toEqual([true, true, true, false]);
    time.ms = 500;
    expect([admit(), admit()]).toEqual([true, false]);
    time.ms = 60_000;
    expect([admit(), admit(), admit(), admit()]).toEqual([true, true, true, false]);
  });
});
