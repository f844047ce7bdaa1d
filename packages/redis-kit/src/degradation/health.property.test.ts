import fc from "fast-check";
import { createMemoryRole } from "../testing/memory-role";
import type { MemoryServerState } from "../testing/memory-server";
import { createRecordingLogger } from "../testing/recording-logger";
import type { RoleMode, RoleStatus } from "./health";

/** Time and timers are the test's own; a failed run prints its seed, and HEALTH_SEED repeats it. */
const seed = process.env["HEALTH_SEED"] === undefined ? {} : { seed: Number(process.env["HEALTH_SEED"]) };

const deadlineMs = 150;
/** a beat every second, a PING of up to 500 ms, and a beat behind it */
const noticedWithinMs = 3000;
const normalWithinMs = 5000;
/** The breaker lets the heartbeat probe after this. */
const probePauseMs = 200;

type Step =
  | { readonly kind: "server"; readonly state: MemoryServerState }
  | { readonly kind: "calls"; readonly count: number }
  | { readonly kind: "wait"; readonly ms: number }
  /** Back for a moment, and away again before the recovery is over. */
  | { readonly kind: "flicker"; readonly ms: number };

/** As long as a recovery takes, or as a whole outage. */
const waitMs = fc.oneof(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 1000, max: 7000 }));

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("server" as const), state: fc.constantFrom("up", "down", "frozen", "full") }),
  fc.record({ kind: fc.constant("flicker" as const), ms: fc.integer({ min: 1, max: 700 }) }),
  fc.record({ kind: fc.constant("calls" as const), count: fc.integer({ min: 1, max: 6 }) }),
  fc.record({ kind: fc.constant("wait" as const), ms: waitMs }),
);

const allowed: Readonly<Record<RoleMode, readonly RoleMode[]>> = {
  normal: ["degraded"],
  degraded: ["recovering"],
  recovering: ["normal", "degraded"],
};

async function run(steps: readonly Step[]): Promise<void> {
  const logger = createRecordingLogger();
  const role = createMemoryRole({ logger });
  const { server, health } = role;
  const changes: RoleStatus[] = [];
  health.onChange((status) => changes.push(status));
  let changedAt = Date.now();
  let expensive = 0;

  /** Several at once, each settled within its deadline; at once if nobody is to be asked. */
  async function call(count: number): Promise<void> {
    const waits: number[] = [];
    const before = health.status().mode;
    const calls = Array.from({ length: count }, async () => {
      const startedAt = Date.now();
      const answer = await role.guard.run("test.get", "a", (redis) => redis.get("a"));
      waits.push(Date.now() - startedAt);
      return answer;
    });
    await jest.advanceTimersByTimeAsync(deadlineMs + 1);
    expect(waits).toHaveLength(count);
    for (const answer of await Promise.all(calls)) {
      if (server.state === "up" && before === "normal") expect(answer.kind).toBe("ok");
      if (server.state === "down" || server.state === "frozen") expect(answer.kind).toBe("unavailable");
    }
    expensive += waits.filter((ms) => ms > 0).length === 0 ? 0 : 1;
  }

  function check(): void {
    const quietMs = Date.now() - changedAt;
    const { mode } = health.status();
    if (server.state === "up" && quietMs > normalWithinMs) expect(mode).toBe("normal");
    if ((server.state === "down" || server.state === "frozen") && quietMs > noticedWithinMs) {
      expect(mode).toBe("degraded");
      // Three in a row open the breaker; all of one moment count as one.
      expect(expensive).toBeLessThanOrEqual(3);
    }
  }

  async function become(state: MemoryServerState, forMs: number): Promise<void> {
    server.become(state);
    changedAt = Date.now();
    expensive = 0;
    await jest.advanceTimersByTimeAsync(forMs);
  }

  for (const one of steps) {
    if (one.kind === "server") {
      await become(one.state, 0);
    } else if (one.kind === "flicker") {
      const { state } = server;
      await become("up", one.ms);
      await become(state, 0);
    } else if (one.kind === "calls") {
      await call(one.count);
    } else {
      await jest.advanceTimersByTimeAsync(one.ms);
    }
    check();
  }
  server.become("up");
  await jest.advanceTimersByTimeAsync(normalWithinMs + probePauseMs);
  expect(health.status().mode).toBe("normal");

  const modes: RoleMode[] = ["normal", ...changes.map(({ mode }) => mode)];
  modes.slice(1).forEach((mode, at) => {
    expect(allowed[modes[at] ?? "normal"]).toContain(mode);
  });
  const periods = health.history();
  expect(periods.every(({ from, to }) => to !== undefined && to >= from)).toBe(true);
  const begun = modes.filter((mode, at) => mode === "degraded" && modes[at - 1] === "normal");
  expect(periods).toHaveLength(begun.length);
  const said = logger.messages("warn", "info").filter((message) => message.startsWith("redis state "));
  expect(said).toHaveLength(changes.length);
  await role.close();
}

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ["nextTick", "queueMicrotask", "setImmediate"] });
});
afterEach(() => {
  jest.useRealTimers();
});

it("notices every fault within 3 s, is normal within 5 s of its end, and never keeps anybody waiting longer than a deadline", async () => {
  const property = fc.asyncProperty(fc.array(step, { maxLength: 40 }), run);
  await fc.assert(property, { numRuns: 400, ...seed });
}, 60_000);
