import { randomUUID } from "node:crypto";
import { parseRedisConfig } from "../config";
import type { RedisRole } from "../connection/redis-role";
import { drainJournal } from "../journal/drain-journal";
import { createKeys } from "../keys";
import { createSessionStore } from "../sessions/session-store";
import type { SessionStore } from "../sessions/session-store";
import { hashSessionToken } from "../sessions/session-token";
import type { SessionTruth } from "../sessions/session-truth";
import { createMemorySessionTruth } from "./memory-session-truth";
import { eventually } from "./redis-faults";
import type { RedisFaults } from "./redis-faults";

/** The state role of two processes on one Redis. */
export interface SessionStoreSetup {
  readonly role: RedisRole;
  readonly otherRole: RedisRole;
  readonly faults: RedisFaults;
  close(): Promise<void>;
}

const minuteMs = 60_000;
const keys = createKeys(parseRedisConfig({}));
const limits = { ttlMs: 24 * 60 * minuteMs, maxAgeMs: 30 * 24 * 60 * minuteMs, staleMaxMs: 15 * minuteMs };

/** What every session store has to do, whatever its Redis is. */
export function sessionStoreBehaviour(name: string, setup: () => Promise<SessionStoreSetup>): void {
  describe(`session store on ${name}`, () => {
    let redis: SessionStoreSetup;
    let nowMs = 0;
    let person = { userId: "", userEpoch: 1, ip: "127.0.0.1" };
    const clock = () => nowMs;

    function createStore(role: RedisRole, truth: SessionTruth): SessionStore {
      return createSessionStore({ role, truth, keys, ...limits, clock });
    }

    function createTwo() {
      const truth = createMemorySessionTruth(clock);
      return { truth, here: createStore(redis.role, truth), there: createStore(redis.otherRole, truth) };
    }

    async function becomeNormal(): Promise<void> {
      await eventually("both roles are normal", () =>
        [redis.role, redis.otherRole].every((role) => role.health.status().mode === "normal"),
      );
    }

    beforeAll(async () => {
      redis = await setup();
    });
    beforeEach(async () => {
      nowMs = Date.now();
      person = { ...person, userId: randomUUID() };
      await becomeNormal();
    });
    afterAll(() => redis.close());

    it("finds in another process what was created, without asking the truth", async () => {
      const { truth, here, there } = createTwo();
      const { token, record } = await here.create(person);
      expect(await there.find(token)).toEqual({ kind: "ok", value: record });
      expect(truth.finds()).toBe(0);
    });

    it("keeps the token itself out of Redis and out of the truth", async () => {
      const { here } = createTwo();
      const { token } = await here.create(person);
      expect(await redis.role.commands.get(keys.session(token))).toBeUndefined();
      expect(await redis.role.commands.get(keys.session(hashSessionToken(token)))).toContain(person.userId);
    });

    it("asks nobody about what can't be a token", async () => {
      const { truth, here } = createTwo();
      expect(await here.find("'; drop table sessions")).toEqual({ kind: "ok", value: undefined });
      expect(truth.finds()).toBe(0);
    });

    it("says there is none only after asking the truth", async () => {
      const { truth, here } = createTwo();
      expect(await here.find("A".repeat(43))).toEqual({ kind: "ok", value: undefined });
      expect(truth.finds()).toBe(1);
    });

    it("puts a session back that Redis has lost", async () => {
      const { truth, here, there } = createTwo();
      const { token, record } = await here.create(person);
      await redis.faults.flushAll();
      expect(await there.find(token)).toEqual({ kind: "ok", value: record });
      await eventually("it is back in Redis", async () => {
        return (await redis.role.commands.get(keys.session(hashSessionToken(token)))) !== undefined;
      });
      expect(await here.find(token)).toEqual({ kind: "ok", value: record });
      expect(truth.finds()).toBe(1);
    });

    it("refuses a revoked session in every process at once", async () => {
      const { here, there } = createTwo();
      const { token, record } = await here.create(person);
      expect(await here.revoke(record.id, person.userId)).toMatchObject({ id: record.id });
      expect(await there.find(token)).toEqual({ kind: "ok", value: undefined });
      expect(await here.find(token)).toEqual({ kind: "ok", value: undefined });
    });

    it("ends no session of somebody else", async () => {
      const { here } = createTwo();
      const { token, record } = await here.create(person);
      expect(await here.revoke(record.id, "somebody else")).toBeUndefined();
      expect(await here.find(token)).toMatchObject({ kind: "ok", value: { id: record.id } });
    });

    it("ends all sessions of a person but one", async () => {
      const { here } = createTwo();
      const kept = await here.create(person);
      const others = [await here.create(person), await here.create(person)];
      const ended = await here.revokeAllOfUser(person.userId, { except: kept.record.id });
      expect(ended.map(({ id }) => id).sort()).toEqual(others.map(({ record }) => record.id).sort());
      expect(await here.find(kept.token)).toMatchObject({ value: { id: kept.record.id } });
      for (const { token } of others)
        expect(await here.find(token)).toEqual({ kind: "ok", value: undefined });
    });

    it("gives a new token at a sign-in on top of an old one, which ends", async () => {
      const { here } = createTwo();
      const old = await here.create(person);
      const fresh = await here.rotate(old.token, person);
      expect(fresh.token).not.toBe(old.token);
      expect(await here.find(old.token)).toEqual({ kind: "ok", value: undefined });
      expect(await here.find(fresh.token)).toMatchObject({ value: { id: fresh.record.id } });
    });

    it("does not let a slow process put back a session that was revoked meanwhile", async () => {
      const { truth, here } = createTwo();
      const { token, record } = await here.create(person);
      await redis.faults.flushAll();
      let release: () => void = () => undefined;
      const released = new Promise<void>((resolve) => (release = resolve));
      const slowTruth: SessionTruth = {
        ...truth,
        async find(hash) {
          const found = await truth.find(hash);
          await released;
          return found;
        },
      };
      const slow = createStore(redis.otherRole, slowTruth).find(token);
      await eventually("the slow process has read the row", () => truth.finds() === 1);
      await here.revoke(record.id, person.userId);
      release();
      await slow;
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(await here.find(token)).toEqual({ kind: "ok", value: undefined });
    });

    it("does not let a use that was noted late bring a revoked session back", async () => {
      const { here } = createTwo();
      const { token, record } = await here.create(person);
      nowMs += 2 * minuteMs;
      const finding = here.find(token);
      await here.revoke(record.id, person.userId);
      await finding;
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(await here.find(token)).toEqual({ kind: "ok", value: undefined });
    });

    it("notes a use at most once a minute, and moves the idle limit by it", async () => {
      const { truth, here } = createTwo();
      const { token, record } = await here.create(person);
      nowMs += minuteMs - 1;
      await here.find(token);
      expect(truth.touches()).toBe(0);
      nowMs += 1;
      await here.find(token);
      await eventually("the use is noted", () => truth.touches() === 1);
      const later = await here.find(token);
      expect(later).toMatchObject({ kind: "ok", value: { lastSeenAt: nowMs } });
      expect(truth.touches()).toBe(1);
      expect(later.kind === "ok" && later.value?.idleExpiresAt).toBe(record.idleExpiresAt + minuteMs);
    });

    it("ends with the idle limit, and with the absolute one in spite of use", async () => {
      const { here } = createTwo();
      const idle = await here.create(person);
      nowMs += limits.ttlMs;
      expect(await here.find(idle.token)).toEqual({ kind: "ok", value: undefined });
      const used = await here.create(person);
      for (let day = 0; day < 32; day += 1) {
        nowMs += limits.ttlMs - minuteMs;
        await here.find(used.token);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      expect(await here.find(used.token)).toEqual({ kind: "ok", value: undefined });
    });

    it("believes Redis alone for as long as is allowed while the truth is away", async () => {
      const { truth, here } = createTwo();
      const { token, record } = await here.create(person);
      truth.setAway(true);
      expect(await here.find(token)).toEqual({ kind: "ok", value: record });
      expect(await here.find("A".repeat(43))).toMatchObject({ kind: "unavailable" });
      expect(await here.list(person.userId)).toMatchObject({ kind: "degraded", value: [{ id: record.id }] });
      nowMs += limits.staleMaxMs + 1;
      expect(await here.find(token)).toMatchObject({ kind: "unavailable" });
      truth.setAway(false);
      expect(await here.find(token)).toMatchObject({ kind: "ok", value: { id: record.id } });
      await expect(here.create(person)).resolves.toBeDefined();
    });

    it("refuses to make or end a session while the truth is away", async () => {
      const { truth, here } = createTwo();
      const { token, record } = await here.create(person);
      truth.setAway(true);
      await expect(here.create(person)).rejects.toThrow("the database is away");
      await expect(here.revoke(record.id, person.userId)).rejects.toThrow("the database is away");
      expect(await here.find(token)).toMatchObject({ kind: "ok", value: { id: record.id } });
    });

    it("lists what is open, most recently seen first", async () => {
      const { here } = createTwo();
      const first = await here.create(person);
      nowMs += 1;
      const second = await here.create(person);
      expect(await here.list(person.userId)).toEqual({ kind: "ok", value: [second.record, first.record] });
    });

    it("answers from the truth while Redis is gone, and refuses after its return what was revoked meanwhile", async () => {
      const { truth, here, there } = createTwo();
      const kept = await here.create(person);
      const ended = await here.create(person);
      await redis.faults.kill();
      expect(await here.find(kept.token)).toMatchObject({ kind: "degraded", value: { id: kept.record.id } });
      await here.revoke(ended.record.id, person.userId);
      expect(await there.find(ended.token)).toMatchObject({ kind: "degraded", value: undefined });
      const drain = drainJournal({ journal: truth.journal, role: redis.otherRole, keys, intervalMs: 100 });
      expect(truth.journal.open()).toHaveLength(1);
      await redis.faults.restart();
      await eventually("the journal is drained", () => truth.journal.open().length === 0);
      expect(await here.find(ended.token)).toMatchObject({ value: undefined });
      await becomeNormal();
      expect(await here.find(ended.token)).toEqual({ kind: "ok", value: undefined });
      expect(await there.find(ended.token)).toEqual({ kind: "ok", value: undefined });
      expect(await there.find(kept.token)).toMatchObject({ kind: "ok", value: { id: kept.record.id } });
      await drain.stop();
    });
  });
}
