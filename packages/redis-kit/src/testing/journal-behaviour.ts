import { leaveToWriterMs, lookLimit } from "../journal/journal-store";
import type { JournalEntry, JournalStore } from "../journal/journal-store";
import { eventually } from "./redis-faults";

/** One journal, and the ways of a suite to go behind its back. */
export interface JournalSetup {
  readonly journal: JournalStore;
  /** Another process on the same journal. */
  readonly other: JournalStore;
  /** Takes everything out. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

const revoked = { role: "state", kind: "session.revoked" } as const;
const invalidated = { role: "cache", kind: "cache.invalidated" } as const;
const batch = { role: "state", limit: 100 } as const;

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** What every journal has to do, wherever its rows are. */
export function journalBehaviour(name: string, setup: () => Promise<JournalSetup>): void {
  describe(`journal in ${name}`, () => {
    let rows: JournalSetup;
    let journal: JournalStore;
    beforeAll(async () => {
      rows = await setup();
      journal = rows.journal;
    });
    beforeEach(() => rows.clear());
    afterAll(() => rows.close());

    const readIds = async (): Promise<string[]> => (await journal.look()).rows.map(({ id }) => id);
    const isOpen = async (id: string): Promise<boolean | undefined> =>
      (await rows.other.look()).rows.find((row) => row.id === id)?.open;

    it("shows in one look what is open, of every role, as it was written", async () => {
      const first = await journal.append(revoked, { hashes: ["a"] });
      const second = await rows.other.append(invalidated, { keys: ["k"], tags: ["t"] });
      const look = await journal.look();
      expect(look.overflow).toBe(false);
      expect([...look.rows].sort((a, b) => Number(a.id) - Number(b.id))).toEqual([
        { id: first, ...revoked, payload: { hashes: ["a"] }, open: true },
        { id: second, ...invalidated, payload: { keys: ["k"], tags: ["t"] }, open: true },
      ]);
    });

    it("goes on showing a row for three seconds after Redis took it, and then no more", async () => {
      const id = await journal.append(revoked, { hashes: ["a"] });
      await journal.settle({ role: "state", ids: [id] });
      expect(await isOpen(id)).toBe(false);
      await eventually("it is forgotten", async () => !(await readIds()).includes(id), 9000);
    }, 15_000);

    it("leaves a fresh row to its writer", async () => {
      const id = await journal.append(revoked, { hashes: ["a"] });
      const taken: JournalEntry[] = [];
      const take = (entries: readonly JournalEntry[]) => Promise.resolve(void taken.push(...entries));
      expect(await rows.other.drain(batch, take)).toBe(0);
      await sleep(leaveToWriterMs + 50);
      expect(await rows.other.drain(batch, take)).toBe(1);
      expect(taken).toEqual([{ id, ...revoked, payload: { hashes: ["a"] } }]);
      expect(await rows.other.drain(batch, take)).toBe(0);
      expect(await isOpen(id)).toBe(false);
    });

    it("drains nothing that was settled", async () => {
      const id = await journal.append(revoked, { hashes: ["a"] });
      await journal.settle({ role: "state", ids: [id] });
      await sleep(leaveToWriterMs + 50);
      expect(await rows.other.drain(batch, () => Promise.resolve())).toBe(0);
    });

    it("hands each row to one of many that drain at once, oldest first, other roles' to nobody", async () => {
      const ids: string[] = [];
      for (let row = 0; row < 30; row += 1)
        ids.push(await journal.append(revoked, { hashes: [String(row)] }));
      const foreign = await journal.append(invalidated, { keys: ["k"] });
      await sleep(leaveToWriterMs + 50);
      const seen: string[][] = [];
      const drains = Array.from({ length: 6 }, (_, at) =>
        (at % 2 === 0 ? journal : rows.other).drain({ ...batch, limit: 5 }, async (entries) => {
          seen.push(entries.map(({ id }) => id));
          await sleep(100);
        }),
      );
      expect(await Promise.all(drains)).toEqual([5, 5, 5, 5, 5, 5]);
      expect(seen.flat().sort()).toEqual([...ids].sort());
      for (const part of seen) expect(part).toEqual([...part].sort((a, b) => Number(a) - Number(b)));
      expect(await isOpen(foreign)).toBe(true);
    });

    it("keeps rows open that could not be applied", async () => {
      const id = await journal.append(revoked, { hashes: ["a"] });
      await sleep(leaveToWriterMs + 50);
      const failing = journal.drain(batch, () => Promise.reject(new Error("Redis is away")));
      await expect(failing).rejects.toThrow("Redis is away");
      expect(await isOpen(id)).toBe(true);
      expect(await journal.drain(batch, () => Promise.resolve())).toBe(1);
    });

    it("keeps rows open that another epoch's server took", async () => {
      const { epoch } = await advance(journal, "one");
      let last = epoch;
      const id = await journal.append(revoked, { hashes: ["a"] });
      await sleep(leaveToWriterMs + 50);
      last = (await advance(rows.other, "two")).epoch;
      await journal.settle({ role: "state", ids: [id], epoch });
      expect(await isOpen(id)).toBe(true);
      expect(await journal.drain({ ...batch, epoch }, () => Promise.resolve())).toBe(0);
      expect(await isOpen(id)).toBe(true);
      const overtaken = journal.drain({ ...batch, epoch: last }, async () => {
        last = (await advance(rows.other, "three")).epoch;
      });
      expect(await overtaken).toBe(0);
      expect(await isOpen(id)).toBe(true);
      expect(await journal.drain({ ...batch, epoch: last }, () => Promise.resolve())).toBe(1);
      expect(await isOpen(id)).toBe(false);
    });

    it("gives the next epoch to one of twenty who want it at once, and tells the others whose it is", async () => {
      const { epoch } = await advance(journal, "before");
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, at) =>
          (at % 2 === 0 ? journal : rows.other).advanceEpoch({
            role: "state",
            expected: epoch,
            servers: `server ${at}`,
          }),
        ),
      );
      const stands = (await journal.look()).epochs.find(({ role }) => role === "state");
      expect(stands?.epoch).toBeGreaterThan(epoch);
      for (const answer of answers) expect(answer).toEqual(stands);
    });

    it("numbers each role's epochs upwards, on its own", async () => {
      const first = await journal.advanceEpoch({ role: "cache", expected: 7, servers: "x" });
      const known = first.epoch;
      const next = await journal.advanceEpoch({ role: "cache", expected: known, servers: "y" });
      expect(next).toMatchObject({ role: "cache", servers: "y" });
      expect(next.epoch).toBeGreaterThan(known);
      expect(await journal.advanceEpoch({ role: "cache", expected: known, servers: "z" })).toEqual(next);
      expect((await journal.look()).epochs).toContainEqual(next);
    });

    it("says so when there is more than a look can hold", async () => {
      const ids = await Promise.all(
        Array.from({ length: lookLimit }, (_, at) => journal.append(invalidated, { keys: [String(at)] })),
      );
      const full = await journal.look();
      expect(full.overflow).toBe(false);
      expect(full.rows).toHaveLength(lookLimit);
      await journal.append(invalidated, { keys: ["one too many"] });
      const over = await journal.look();
      expect(over.overflow).toBe(true);
      expect(over.rows).toHaveLength(lookLimit);
      await journal.settle({ role: "cache", ids });
      // What Redis has taken counts for as long as it is shown.
      expect((await journal.look()).overflow).toBe(true);
    }, 15_000);

    it("prunes what Redis took long ago, and never what is open", async () => {
      const open = await journal.append(revoked, { hashes: ["a"] });
      const taken = await journal.append(revoked, { hashes: ["b"] });
      await journal.settle({ role: "state", ids: [taken] });
      expect(await journal.prune(60_000)).toBe(0);
      await sleep(30);
      expect(await journal.prune(0)).toBe(1);
      expect(await readIds()).toEqual([open]);
    });

    async function advance(of: JournalStore, servers: string) {
      const stands = (await of.look()).epochs.find(({ role }) => role === "state")?.epoch ?? 0;
      return of.advanceEpoch({ role: "state", expected: stands, servers });
    }
  });
}
