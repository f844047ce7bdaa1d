import type { RedisRoleName } from "../connection/redis-role";
import { useFakeTime } from "../testing/fake-time";
import type { FakeTime } from "../testing/fake-time";
import { createMemoryJournal } from "../testing/memory-journal";
import type { MemoryJournal } from "../testing/memory-journal";
import { createMemoryRole } from "../testing/memory-role";
import { createMemoryServer } from "../testing/memory-server";
import type { MemoryServer } from "../testing/memory-server";
import { lookLimit } from "./journal-store";
import type { Invalidation } from "./trust";
import { watchTruth } from "./watch-truth";

const revoked = { role: "state", kind: "session.revoked" } as const;
const staleMaxMs = 10_000;

let time: FakeTime;
let journal: MemoryJournal;
let stops: (() => Promise<unknown>)[];
beforeEach(() => {
  time = useFakeTime(jest);
  journal = createMemoryJournal();
  stops = [];
});
afterEach(async () => {
  journal.become("here");
  await time.settle(Promise.all(stops.map((stop) => stop())));
  jest.useRealTimers();
});

async function startProcess(server: MemoryServer = createMemoryServer(), name: RedisRoleName = "state") {
  const role = createMemoryRole({ server, role: name });
  const watch = watchTruth({ journal, roles: [role], staleMaxMs });
  stops.push(async () => {
    await watch.stop();
    await role.close();
  });
  const trust = watch.of(role);
  const invalidated: Invalidation[] = [];
  const counts = { doubts: 0 };
  trust.onInvalidated((what) => invalidated.push(what));
  trust.onDoubt(() => (counts.doubts += 1));
  await time.pass(30);
  counts.doubts = 0;
  return { server, trust, invalidated, counts, kind: () => trust.verdict().kind };
}

/** A server that is another one than the first of a test, as its run_id says. */
function otherServer(): MemoryServer {
  const server = createMemoryServer();
  server.restore();
  return server;
}

describe("the epoch", () => {
  it("begins at 1 with the first server, and a second process joins it", async () => {
    const first = await startProcess();
    const second = await startProcess(first.server);
    expect(first.trust.verdict()).toEqual({ kind: "trusted", epoch: 1 });
    expect(second.trust.verdict()).toEqual({ kind: "trusted", epoch: 1 });
  });

  it("is advanced once when a server comes back as another one, at once and with a doubt in every process", async () => {
    const first = await startProcess();
    const second = await startProcess(first.server);
    first.server.restore(first.server.dump());
    expect([first.kind(), second.kind()]).toEqual(["untrusted", "untrusted"]);
    await time.pass(300);
    expect(first.trust.verdict()).toEqual({ kind: "trusted", epoch: 2 });
    expect(second.trust.verdict()).toEqual({ kind: "trusted", epoch: 2 });
    expect([first.counts.doubts, second.counts.doubts]).toEqual([1, 1]);
  });

  it("stays when another process sees another server, which is believed only after that has lasted", async () => {
    const first = await startProcess();
    const second = await startProcess(otherServer());
    await time.pass(300);
    // The newcomer announced its server; the other one waits whether it will follow.
    expect([first.kind(), second.kind()]).toEqual(["untrusted", "trusted"]);
    await time.pass(2000);
    expect([first.kind(), second.kind()]).toEqual(["untrusted", "trusted"]);
    await time.pass(1500);
    expect([first.kind(), second.kind()]).toEqual(["trusted", "untrusted"]);
    expect(first.trust.verdict()).toMatchObject({ epoch: 3 });
  });
});

describe("a row", () => {
  it("concerns what it names until Redis has taken it, and is told once", async () => {
    const { trust, invalidated } = await startProcess();
    const id = await journal.append(revoked, { hashes: ["a", "b"] });
    await time.pass(250);
    expect(trust.concerns({ hashes: ["x", "b"] })).toBe(true);
    expect(trust.concerns({ hashes: ["x"] })).toBe(false);
    expect(trust.hasOpen()).toBe(true);
    await journal.settle({ role: "state", ids: [id] });
    await time.pass(250);
    expect(trust.concerns({ hashes: ["b"] })).toBe(false);
    await time.pass(4000);
    expect(invalidated).toEqual([{ hashes: ["a", "b"] }]);
  });

  it("is told also when it came and was taken between two looks", async () => {
    const { invalidated } = await startProcess();
    const id = await journal.append(revoked, { hashes: ["a"] });
    await journal.settle({ role: "state", ids: [id] });
    await time.pass(250);
    expect(invalidated).toEqual([{ hashes: ["a"] }]);
  });

  it.each<[Invalidation, Invalidation, boolean]>([
    [{ keys: ["users:1"] }, { keys: ["users:1"] }, true],
    [{ keys: ["users:1"] }, { keys: ["users:2"] }, false],
    [{ tags: ["users"] }, { keys: ["users"], tags: ["users"] }, true],
    [{ tags: ["users"] }, { keys: ["users"] }, false],
    [{ prefixes: ["users:"] }, { keys: ["users:2"] }, true],
    [{ prefixes: ["users:"] }, { prefixes: ["users:list"] }, true],
    [{ prefixes: ["users:"] }, { keys: ["user"] }, false],
  ])("of %j concerns %j: %j", async (what, subject, does) => {
    const { trust } = await startProcess(undefined, "cache");
    await time.settle(trust.record(what));
    expect(trust.concerns(subject)).toBe(does);
  });

  it("of a kind nobody knows concerns everything, and doubts what is in memory", async () => {
    const { trust, counts } = await startProcess();
    await journal.append({ role: "state", kind: "session.renamed" as "session.revoked" }, {});
    await time.pass(250);
    expect(trust.concerns({ hashes: ["x"] })).toBe(true);
    expect(counts.doubts).toBe(1);
  });

  it("of one's own concerns at once, and no longer once Redis has taken it", async () => {
    const { trust, invalidated } = await startProcess();
    const id = await time.settle(trust.record({ hashes: ["a"] }));
    expect(trust.concerns({ hashes: ["a"] })).toBe(true);
    expect(invalidated).toEqual([{ hashes: ["a"] }]);
    trust.settle(id);
    expect(trust.concerns({ hashes: ["a"] })).toBe(false);
    await time.pass(300);
    expect(journal.open()).toEqual([]);
    expect(invalidated).toHaveLength(1);
  });

  it("stays open when the server that took it was not the recorded one, or is no more", async () => {
    const first = await startProcess();
    const elsewhere = await startProcess(otherServer());
    await time.pass(300);
    expect(first.kind()).toBe("untrusted");
    first.trust.settle(await time.settle(first.trust.record({ hashes: ["told to the wrong one"] })));
    await time.pass(100);
    expect(journal.open()).toHaveLength(1);
    const id = await time.settle(elsewhere.trust.record({ hashes: ["told before the restart"] }));
    elsewhere.server.restore();
    elsewhere.trust.settle(id);
    await time.pass(1000);
    expect(journal.open()).toHaveLength(2);
    expect(elsewhere.trust.concerns({ hashes: ["told before the restart"] })).toBe(true);
  });
});

describe("the looks", () => {
  it("are one question every 200 ms", async () => {
    await startProcess();
    const before = journal.looks();
    await time.pass(2000);
    expect(journal.looks() - before).toBe(10);
  });

  it.each(["away", "hanging"] as const)(
    "leave Redis believed for the allowed time while the journal is %s, without a gap, and no longer",
    async (how) => {
      const { kind, counts } = await startProcess();
      journal.become(how);
      const kinds = new Set<string>();
      for (let ms = 0; ms < staleMaxMs - 500; ms += 50) {
        await time.pass(50);
        kinds.add(kind());
      }
      expect([...kinds]).toEqual(["trusted", "unconfirmed"]);
      await time.pass(600);
      expect(kind()).toBe("untrusted");
      journal.become("here");
      await time.pass(700);
      expect(kind()).toBe("trusted");
      expect(counts.doubts).toBe(1);
    },
  );

  it("that come late say that the truth is there to be asked, and what is open", async () => {
    const { kind, trust } = await startProcess();
    journal.slowDown(800);
    await time.pass(1500);
    const kinds = new Set<string>();
    const id = await time.settle(journal.append(revoked, { hashes: ["a"] }));
    for (let ms = 0; ms < 3000; ms += 50) {
      await time.pass(50);
      kinds.add(kind());
    }
    expect([...kinds]).toEqual(["untrusted"]);
    expect(trust.concerns({ hashes: ["a"] })).toBe(true);
    expect(trust.hasOpen()).toBe(true);
    await time.settle(journal.settle({ role: "state", ids: [id] }));
    journal.slowDown(0);
    await time.pass(1500);
    expect(kind()).toBe("trusted");
    expect(trust.concerns({ hashes: ["a"] })).toBe(false);
  });

  it("are believed for half a second only: a process that slept believes nothing", async () => {
    const { kind } = await startProcess();
    const slept = performance.now() + 5000;
    jest.setSystemTime(Date.now() + 5000);
    jest.spyOn(performance, "now").mockReturnValue(slept);
    expect(kind()).toBe("untrusted");
    jest.restoreAllMocks();
  });

  it("believe nothing when there is more than they can hold, and still let it be drained", async () => {
    const { kind, trust } = await startProcess();
    const ids: string[] = [];
    for (let row = 0; row <= lookLimit; row += 1) {
      ids.push(await journal.append(revoked, { hashes: [String(row)] }));
    }
    await time.pass(1100);
    expect(kind()).toBe("untrusted");
    expect(trust.hasOpen()).toBe(true);
    expect(trust.standing()).toBeDefined();
    await journal.settle({ role: "state", ids });
    await time.pass(3500);
    expect(kind()).toBe("trusted");
  });
});
