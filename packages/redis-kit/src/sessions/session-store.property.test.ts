import fc from "fast-check";
import { parseRedisConfig } from "../config";
import { createKeys } from "../keys";
import { createMemoryRole } from "../testing/memory-role";
import { createMemorySessionTruth } from "../testing/memory-session-truth";
import { createSessionStore } from "./session-store";
import type { CreatedSession } from "./session-store";

const minuteMs = 60_000;
const limits = { ttlMs: 30 * minuteMs, maxAgeMs: 120 * minuteMs, staleMaxMs: 15 * minuteMs };
const keys = createKeys(parseRedisConfig({}));

interface Visit {
  readonly kind: "find" | "revoke";
  readonly index: number;
  readonly process: 0 | 1;
}

type Step =
  | { readonly kind: "create" }
  | { readonly kind: "flush" }
  | Visit
  | { readonly kind: "wait"; readonly minutes: number }
  | { readonly kind: "truth"; readonly away: boolean };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.constant<Step>({ kind: "create" }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: "flush" }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constantFrom("find" as const, "find" as const, "find" as const, "revoke" as const),
      index: fc.nat(3),
      process: fc.constantFrom(0 as const, 1 as const),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("wait" as const), minutes: fc.nat(40) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("truth" as const), away: fc.boolean() }) },
);

/** Two processes with one Redis and one truth, and what a simple model says of every session. */
async function run(steps: readonly Step[]): Promise<void> {
  let nowMs = Date.now();
  const clock = () => nowMs;
  const role = createMemoryRole({ clock });
  const otherRole = createMemoryRole({ server: role.server, clock });
  const truth = createMemorySessionTruth(clock);
  const stores = [role, otherRole].map((of) =>
    createSessionStore({ role: of, truth, keys, ...limits, clock }),
  );
  const made: { session: CreatedSession; revoked: boolean }[] = [];
  let isAway = false;

  async function take(one: Step): Promise<void> {
    if (one.kind === "create") {
      const creating = stores[0]?.create({ userId: "ada", userEpoch: 1 });
      const session = await creating?.catch(() => undefined);
      expect(session === undefined).toBe(isAway);
      if (session !== undefined) made.push({ session, revoked: false });
    } else if (one.kind === "flush") {
      role.server.flushAll();
    } else if (one.kind === "wait") {
      nowMs += one.minutes * minuteMs;
    } else if (one.kind === "truth") {
      isAway = one.away;
      truth.setAway(isAway);
    } else {
      await visit(one);
    }
  }

  async function visit(one: Visit): Promise<void> {
    const known = made[one.index];
    const store = stores[one.process];
    if (known === undefined || store === undefined) return;
    const { token, record } = known.session;
    if (one.kind === "revoke") {
      const done = await store.revoke(record.id, record.userId).then(
        () => true,
        () => false,
      );
      expect(done).toBe(!isAway);
      known.revoked ||= done;
      return;
    }
    const found = await store.find(token);
    // Uses are noted in the background.
    await new Promise((resolve) => setImmediate(resolve));
    if (found.kind === "unavailable") expect(isAway).toBe(true);
    else if (known.revoked || nowMs >= record.absoluteExpiresAt) expect(found.value).toBeUndefined();
    else if (found.value !== undefined) expect(found.value.id).toBe(record.id);
    else expect(nowMs - record.createdAt).toBeGreaterThanOrEqual(limits.ttlMs);
  }

  try {
    for (const one of steps) await take(one);
  } finally {
    await Promise.all([role.close(), otherRole.close()]);
  }
}

it("never accepts an ended session, never loses an open one, and never says no without the truth", async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40 }), run), { numRuns: 300 });
}, 30_000);
