import { z } from "zod";
import { createCache } from "../cache/cache";
import type { Cache } from "../cache/cache";
import type { JournalStore } from "../journal/journal-store";
import type { BreakableJournal } from "./breakable-journal";
import { eventually } from "./redis-faults";
import type { TestProcess, TwoProcesses } from "./two-processes";

/** Two processes of the cache role. */
export interface InvalidationSetup {
  readonly processes: TwoProcesses;
  /** as the transaction of a change writes to it */
  readonly journal: Pick<JournalStore, "append" | "drain">;
  /** what the process `there` reads */
  readonly journalThere: Pick<BreakableJournal, "cutOff" | "reconnect">;
  close(): Promise<void>;
}

/** Three times the second that is promised. */
const boundMs = 3000;
const reads = 10_000;
const schema = z.number();
const tags = ["numbers"];

/** What keeps an invalidated value away, whatever Redis comes back with. */
export function invalidationScenarios(name: string, setup: () => Promise<InvalidationSetup>): void {
  describe(`an invalidated value on ${name}`, () => {
    let given: InvalidationSetup;
    let here: Cache;
    let there: Cache;
    let current = 1;

    function createFor({ role, trust }: TestProcess): Cache {
      const { keys } = given.processes;
      return createCache({ role, trust, keys, ttlMs: 600_000, memory: { maxBytes: 1_000_000 } });
    }

    async function read(cache: Cache): Promise<number> {
      const load = () => Promise.resolve(current);
      return (await cache.getOrLoad("number", { schema, tags, load })).value;
    }

    beforeAll(async () => {
      given = await setup();
      here = createFor(given.processes.here);
      there = createFor(given.processes.there);
    }, 30_000);
    beforeEach(async () => {
      const { processes } = given;
      await eventually("both trust redis", () =>
        [processes.here, processes.there].every(
          ({ role, trust }) => role.health.status().mode === "normal" && trust.verdict().kind === "trusted",
        ),
      );
      await eventually("both have the value", async () => {
        return (await read(here)) === current && (await read(there)) === current;
      });
      await processes.dump();
    });
    afterAll(async () => {
      await Promise.all([here.close(), there.close()]);
      await given.close();
    });

    /** The change and its row are committed, then Redis is told. */
    async function change(by: Cache): Promise<void> {
      current += 1;
      const note = { role: "cache", kind: "cache.invalidated" } as const;
      const journalId = await given.journal.append(note, { tags });
      await by.invalidate({ tags }, { journalId });
    }

    /** After the bound: ten thousand reads over both processes. */
    async function expectFresh(): Promise<void> {
      await new Promise((resolve) => setTimeout(resolve, boundMs));
      let stale = 0;
      for (let done = 0; done < reads; done += 100) {
        const batch = Array.from({ length: 100 }, (_, at) => read(at % 2 === 0 ? here : there));
        for (const value of await Promise.all(batch)) if (value !== current) stale += 1;
      }
      expect(stale).toBe(0);
    }

    it("leaves another process's memory, which no bus reaches, also when no row came with the change", async () => {
      const load = () => Promise.resolve(current);
      await eventually("the other one has it in memory", async () => {
        return (await there.getOrLoad("number", { schema, tags, load })).from === "memory";
      });
      current += 1;
      expect(await here.invalidate({ tags })).toMatchObject({ kind: "ok" });
      await expectFresh();
    }, 40_000);

    it("stays away when Redis was dead and comes back with what it held", async () => {
      await given.processes.kill();
      await change(here);
      expect(await read(here)).toBe(current);
      await given.processes.start();
      await expectFresh();
    }, 40_000);

    it.each(["refuse", "silence"] as const)(
      "stays away from those who see Redis when only the one that invalidated it does not (%s)",
      async (how) => {
        given.processes.here.cutOff(how);
        await change(here);
        expect(await read(here)).toBe(current);
        await expectFresh();
        given.processes.here.reconnect();
        await expectFresh();
      },
      40_000,
    );

    it("stays away from those who see Redis while whoever was to tell it hangs", async () => {
      given.processes.here.cutOff("refuse");
      let end: () => void = () => undefined;
      const hangs = new Promise<void>((_, reject) => {
        end = () => {
          reject(new Error("it ends without having told redis"));
        };
      });
      let isHeld = false;
      const held: Promise<unknown>[] = [];
      // Until it is this one that has locked the row, not one of the two processes.
      await eventually(
        "somebody hangs with the row",
        async () => {
          await eventually("redis holds what is to be invalidated", async () => {
            const load = () => Promise.resolve(current);
            return (await there.getOrLoad("number", { schema, tags, load, memory: false })).from === "redis";
          });
          await change(here);
          const endsAt = Date.now() + 600;
          while (!isHeld && Date.now() < endsAt) {
            const drained = given.journal.drain({ role: "cache", limit: 100 }, () => {
              isHeld = true;
              return hangs;
            });
            held.push(drained);
            await Promise.race([drained, new Promise((resolve) => setTimeout(resolve, 50))]);
          }
          return isHeld;
        },
        15_000,
      );
      try {
        await expectFresh();
      } finally {
        end();
        await Promise.allSettled(held);
        given.processes.here.reconnect();
      }
    }, 60_000);

    it.each(["rejects", "hangs"] as const)(
      "leaves the memory of a process whose journal %s",
      async (how) => {
        const load = () => Promise.resolve(current);
        await eventually("it has it in memory", async () => {
          return (await there.getOrLoad("number", { schema, tags, load })).from === "memory";
        });
        given.journalThere.cutOff(how);
        await change(here);
        try {
          await expectFresh();
        } finally {
          given.journalThere.reconnect();
        }
      },
      40_000,
    );

    it("stays away when Redis comes back from a dump older than its invalidation", async () => {
      await change(here);
      await given.processes.kill();
      await given.processes.start();
      await expectFresh();
    }, 40_000);

    it("stays away when a slow process was about to store it", async () => {
      let isLoading = false;
      let answer: () => void = () => undefined;
      const answered = new Promise<void>((resolve) => (answer = resolve));
      await change(here);
      await given.processes.flush();
      // Until the other process has dropped it from its memory as well.
      await new Promise((resolve) => setTimeout(resolve, boundMs));
      const loading = there.getOrLoad("number", {
        schema,
        tags,
        async load() {
          const loaded = current;
          isLoading = true;
          await answered;
          return loaded;
        },
      });
      await eventually("the slow process loads", () => isLoading);
      await change(here);
      answer();
      await loading;
      await expectFresh();
    }, 40_000);
  });
}
