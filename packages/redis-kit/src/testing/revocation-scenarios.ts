import { createSessionStore } from "../sessions/session-store";
import type { CreatedSession, SessionStore } from "../sessions/session-store";
import type { SessionTruth } from "../sessions/session-truth";
import { eventually } from "./redis-faults";
import type { TestProcess, TwoProcesses } from "./two-processes";

/** Two processes with their sessions. */
export interface RevocationSetup {
  /** over both processes, after each bound; default 10,000 */
  readonly finds?: number;
  readonly processes: TwoProcesses;
  readonly truth: SessionTruth;
  /** somebody who may sign in, of session epoch 1 */
  readonly userId: string;
  /** rows that Redis still has to learn */
  countOpen(): number | Promise<number>;
  close(): Promise<void>;
}

/** Three times the second that is promised. */
const boundMs = 3000;
const limits = { ttlMs: 3_600_000, maxAgeMs: 3_600_000, staleMaxMs: 60_000 };

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** What keeps an ended session ended, whatever Redis comes back with. */
export function revocationScenarios(name: string, setup: () => Promise<RevocationSetup>): void {
  describe(`a revoked session on ${name}`, () => {
    let given: RevocationSetup;
    let here: SessionStore;
    let there: SessionStore;
    let open: CreatedSession;
    let ended: CreatedSession;

    function createStore({ role, trust }: TestProcess, truth = given.truth): SessionStore {
      return createSessionStore({ role, truth, trust, keys: given.processes.keys, ...limits });
    }

    beforeAll(async () => {
      given = await setup();
      here = createStore(given.processes.here);
      there = createStore(given.processes.there);
    }, 30_000);
    beforeEach(async () => {
      const { processes } = given;
      await eventually("both trust redis", () =>
        [processes.here, processes.there].every(
          ({ role, trust }) => role.health.status().mode === "normal" && trust.verdict().kind === "trusted",
        ),
      );
      const person = { userId: given.userId, userEpoch: 1 };
      open = await here.create(person);
      ended = await here.create(person);
      for (const store of [here, there]) {
        for (const { token, record } of [open, ended]) {
          expect(await store.find(token)).toMatchObject({ kind: "ok", value: { id: record.id } });
        }
      }
      await processes.dump();
    });
    afterAll(() => given.close());

    /** After the bound: thousands of finds over both processes, and the other session is as open as ever. */
    async function expectEnded(finds = given.finds ?? 10_000, afterMs = boundMs): Promise<void> {
      await sleep(afterMs);
      let accepted = 0;
      for (let done = 0; done < finds; done += 100) {
        const batch = Array.from({ length: 100 }, (_, at) => (at % 2 === 0 ? here : there).find(ended.token));
        for (const found of await Promise.all(batch)) {
          if (found.kind !== "unavailable" && found.value !== undefined) accepted += 1;
        }
      }
      expect(accepted).toBe(0);
      for (const store of [here, there]) {
        expect(await store.find(open.token)).toMatchObject({ value: { id: open.record.id } });
      }
    }

    const end = (store: SessionStore) => store.revoke(ended.record.id, given.userId);
    const isDrained = async () => (await given.countOpen()) === 0;

    it("stays ended when Redis was dead and comes back with what it held", async () => {
      await given.processes.kill();
      await end(here);
      expect(await given.countOpen()).toBe(1);
      expect(await here.find(ended.token)).toMatchObject({ value: undefined });
      await given.processes.start();
      await expectEnded();
      await eventually("redis has learned it", isDrained);
      await expectEnded(500, 0);
    }, 40_000);

    it.each(["refuse", "silence"] as const)(
      "stays ended for those who see Redis when only the one that ended it does not (%s)",
      async (how) => {
        given.processes.here.cutOff(how);
        await end(here);
        expect(await here.find(ended.token)).toMatchObject({ value: undefined });
        await expectEnded();
        // The other process has told Redis.
        await eventually("redis has learned it", isDrained);
        given.processes.here.reconnect();
        await expectEnded(500, 0);
      },
      40_000,
    );

    it("stays ended when Redis comes back from a dump older than its end", async () => {
      await end(here);
      await eventually("redis has learned it", isDrained);
      const before = given.processes.there.trust.standing();
      await given.processes.kill();
      await given.processes.start();
      await expectEnded();
      const after = given.processes.there.trust.standing();
      expect(after?.epoch).toBeGreaterThan(before?.epoch ?? Infinity);
    }, 40_000);

    it("stays ended when a slow process was about to put it back", async () => {
      let isRead = false;
      let answer: () => void = () => undefined;
      const answered = new Promise<void>((resolve) => (answer = resolve));
      const slow = createStore(given.processes.there, {
        ...given.truth,
        async find(hash) {
          const found = await given.truth.find(hash);
          isRead = true;
          await answered;
          return found;
        },
      });
      await given.processes.flush();
      const finding = slow.find(ended.token);
      await eventually("the slow process has read the row", () => isRead);
      await end(here);
      // Even what keeps its place is lost.
      await given.processes.flush();
      answer();
      await finding;
      await expectEnded();
    }, 40_000);

    it("stays ended in every process while Redis is full, answers with it and takes no note", async () => {
      await given.processes.setFull(true);
      try {
        await end(here);
        expect(await here.find(ended.token)).toMatchObject({ value: undefined });
        await expectEnded();
        expect(await given.countOpen()).toBe(1);
      } finally {
        await given.processes.setFull(false);
      }
      await eventually("redis has learned it", isDrained);
      await expectEnded(500, 0);
    }, 40_000);

    it("ends at once in the process that ended it, also while Redis takes no writes", async () => {
      given.processes.here.cutOff("silence");
      await end(here);
      for (let again = 0; again < 20; again += 1) {
        expect(await here.find(ended.token)).toMatchObject({ value: undefined });
      }
      given.processes.here.reconnect();
      await expectEnded();
    }, 40_000);
  });
}
