import fc from "fast-check";
import { z } from "zod";
import { createBus } from "../bus/bus";
import type { Bus } from "../bus/bus";
import { createCache } from "../cache/cache";
import type { Cache } from "../cache/cache";
import { parseRedisConfig } from "../config";
import { keepTrust } from "../journal/keep-trust";
import type { JournalStore } from "../journal/journal-store";
import { createKeys } from "../keys";
import { useFakeTime } from "./fake-time";
import { createMemoryBusTransport } from "./memory-bus-transport";
import type { MemoryBusHub } from "./memory-bus-transport";
import { createMemoryJournal } from "./memory-journal";
import { createMemoryLink } from "./memory-link";
import type { MemoryLink } from "./memory-link";
import { createMemoryRole } from "./memory-role";
import { createMemoryServer } from "./memory-server";
import type { MemoryDump, MemoryServer } from "./memory-server";
import { TruthLine } from "./revocation-model";

/** From the answer that acknowledged an invalidation until no process reads what was before; milliseconds. */
const boundMs = 1000;
const staleMaxMs = 8000;
const processes = 2;
const names = ["a:0", "a:1", "b:2"] as const;
/** by place in `names` */
const tagsOf: readonly (readonly string[])[] = [["red"], ["red", "blue"], ["blue"]];
const keys = createKeys(parseRedisConfig({}));
const schema = z.object({ version: z.number() });

const subjects = [
  { keys: ["a:0"] },
  { keys: ["a:1", "b:2"] },
  { tags: ["red"] },
  { tags: ["blue"] },
  { prefixes: ["a:"] },
] as const;

/** Something that happens in the model. */
export type CacheStep =
  /** `loadMs`: how long the source takes after it has looked; "beside": others go on meanwhile */
  | {
      readonly kind: "read" | "read-beside";
      readonly process: number;
      readonly name: number;
      readonly loadMs: number;
    }
  /** changes the source and says so, with a row in the same transaction or without */
  | { readonly kind: "change"; readonly process: number; readonly subject: number; readonly withRow: boolean }
  /** how long its stores are on their way from now on */
  | { readonly kind: "delay-stores"; readonly process: number; readonly ms: number }
  /** another process took the lease and died */
  | { readonly kind: "dead-holder"; readonly name: number }
  | { readonly kind: "evict"; readonly place: number }
  | { readonly kind: "link"; readonly process: number; readonly to: "up" | "down" | "frozen" }
  | { readonly kind: "truth"; readonly process: number; readonly to: "here" | "slow" | "away" }
  /** "lossy": it neither hears nor is heard, and doesn't know */
  | { readonly kind: "bus"; readonly process: number; readonly to: "here" | "lossy" }
  | { readonly kind: "server"; readonly to: "up" | "down" | "frozen" | "full" }
  | { readonly kind: "dump" | "restore" | "flush" }
  | { readonly kind: "wait"; readonly ms: number };

const process = fc.nat(processes - 1);
const name = fc.nat(names.length - 1);
const usual = <T>(usually: T, ...rarely: T[]) => fc.constantFrom(usually, usually, ...rarely);

function happening<K extends CacheStep["kind"]>(
  weight: number,
  kind: fc.Arbitrary<K>,
  facts: Record<string, fc.Arbitrary<unknown>>,
) {
  return { weight, arbitrary: fc.record({ kind, ...facts }) as unknown as fc.Arbitrary<CacheStep> };
}

/** What may happen, the usual more often. */
export const cacheSteps: fc.Arbitrary<CacheStep[]> = fc.array(
  fc.oneof(
    happening(12, fc.constantFrom("read" as const, "read-beside" as const), {
      process,
      name,
      loadMs: fc.constantFrom(0, 0, 20, 300, 2500),
    }),
    happening(6, fc.constant("change" as const), {
      process,
      subject: fc.nat(subjects.length - 1),
      withRow: fc.boolean(),
    }),
    happening(2, fc.constant("delay-stores" as const), { process, ms: fc.constantFrom(0, 30, 400, 3000) }),
    happening(1, fc.constant("dead-holder" as const), { name }),
    happening(2, fc.constant("evict" as const), { place: fc.nat(20) }),
    happening(2, fc.constant("link" as const), {
      process,
      to: usual<"up" | "down" | "frozen">("up", "down", "frozen"),
    }),
    happening(2, fc.constant("truth" as const), {
      process,
      to: usual<"here" | "slow" | "away">("here", "slow", "away"),
    }),
    happening(2, fc.constant("bus" as const), { process, to: fc.constantFrom("here", "lossy") }),
    happening(2, fc.constant("server" as const), {
      to: usual<"up" | "down" | "frozen" | "full">("up", "down", "frozen", "full"),
    }),
    happening(3, fc.constantFrom("dump" as const, "restore" as const, "flush" as const), {}),
    happening(8, fc.constant("wait" as const), {
      ms: fc.oneof(
        fc.nat(20).map((steps) => steps * 10),
        fc.nat(250).map((steps) => steps * 10),
      ),
    }),
  ),
  { minLength: 5, maxLength: 40, size: "max" },
);

interface ModelProcess {
  readonly link: MemoryLink;
  readonly truth: TruthLine;
  readonly cache: Cache;
  readonly journal: JournalStore;
  storeDelayMs: number;
  isBusLossy: boolean;
  stop(): Promise<void>;
}

function sleep(ms: number): Promise<void> {
  return ms === 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms));
}

async function startProcess(world: {
  readonly server: MemoryServer;
  readonly journal: JournalStore;
  readonly hub: MemoryBusHub;
}): Promise<ModelProcess> {
  const link = createMemoryLink(world.server);
  const { commands } = link;
  const slow: MemoryServer = {
    ...link,
    get state() {
      return link.state;
    },
    commands: {
      ...commands,
      async storeLeased(key, stored) {
        await sleep(made.storeDelayMs);
        return commands.storeLeased(key, stored);
      },
    },
  };
  const role = createMemoryRole({ role: "cache", server: slow });
  const truth = new TruthLine();
  const journal = truth.wrap(world.journal);
  const watch = await keepTrust({ journal, roles: [role], keys, staleMaxMs });
  const whole = createBus({ role, keys, fallback: createMemoryBusTransport(world.hub) });
  const bus: Bus = {
    ...whole,
    publish: async (...message) => {
      if (!made.isBusLossy) await whole.publish(...message);
    },
    subscribe: (topic, shape, handle) =>
      whole.subscribe(topic, shape, (message) => {
        if (!made.isBusLossy) handle(message);
      }),
  };
  const cache = createCache({
    role,
    keys,
    ttlMs: 60_000,
    trust: watch.of(role),
    bus,
    memory: { maxBytes: 100_000 },
  });
  const made: ModelProcess = {
    link,
    truth,
    cache,
    journal,
    storeDelayMs: 0,
    isBusLossy: false,
    async stop() {
      await cache.close();
      await bus.close();
      await watch.stop();
      await role.close();
    },
  };
  return made;
}

/** What is in the source, and what was answered about it. */
interface Known {
  version: number;
  /** who has answered when that this version is what everybody reads */
  readonly answered: { readonly version: number; readonly by: number; readonly atMs: number }[];
}

/** How often what was read, over all runs: a model in which nothing happens proves nothing. */
export interface ModelFigures {
  reads: number;
  fromMemory: number;
  fromRedis: number;
  changes: number;
}

/**
 * Two processes with one Redis, one journal and one source; everything may fail at any time.
 *
 * @throws when a read gives less than an answered invalidation allows: at once in the process that answered,
 *   and after the bound in the other. What is marked as not confirmed may be older.
 */
export async function runCacheModel(
  timers: typeof jest,
  steps: readonly CacheStep[],
  figures: ModelFigures,
): Promise<void> {
  const time = useFakeTime(timers);
  const server = createMemoryServer();
  const journal = createMemoryJournal();
  const hub: MemoryBusHub = new Set();
  const all = await time.settle(
    Promise.all(Array.from({ length: processes }, () => startProcess({ server, journal, hub }))),
  );
  const source: Known[] = names.map(() => ({ version: 0, answered: [] }));
  const beside: Promise<void>[] = [];
  let dump: MemoryDump = new Map();

  function at(of: number): ModelProcess {
    const found = all[of];
    if (found === undefined) throw new RangeError(`there is no process ${of}`);
    return found;
  }

  function known(of: number): Known {
    const found = source[of];
    if (found === undefined) throw new RangeError(`there is no value ${of}`);
    return found;
  }

  /** The least a process may read now. */
  function floor(by: number, of: number): number {
    const nowMs = Date.now();
    const bound = known(of).answered.filter((one) => one.by === by || nowMs - one.atMs > boundMs);
    return Math.max(0, ...bound.map((one) => one.version));
  }

  async function read(by: number, of: number, loadMs: number): Promise<void> {
    const { cache, truth } = at(by);
    const least = floor(by, of);
    const load = () =>
      truth.pass(async () => {
        const { version } = known(of);
        await sleep(loadMs);
        return { version };
      });
    const tags = tagsOf[of] ?? [];
    const answer = await time
      .settle(cache.getOrLoad(names[of] ?? "", { schema, tags, graceMs: 5000, load }))
      .catch(() => undefined);
    if (answer === undefined) return;
    figures.reads += 1;
    if (answer.from === "memory") figures.fromMemory += 1;
    if (answer.from === "redis") figures.fromRedis += 1;
    if (answer.stale && answer.kind === "degraded") return;
    if (answer.value.version < least) {
      throw new Error(
        `process ${by} reads ${answer.value.version} of ${names[of] ?? ""} from ${answer.from}, not ${least}`,
      );
    }
  }

  async function change(by: number, subject: (typeof subjects)[number], withRow: boolean): Promise<void> {
    const { cache, journal: own } = at(by);
    const touched = names.flatMap((one, of) => {
      const isNamed = "keys" in subject && (subject.keys as readonly string[]).includes(one);
      const isTagged = "tags" in subject && subject.tags.some((tag) => tagsOf[of]?.includes(tag));
      return isNamed || isTagged || ("prefixes" in subject && one.startsWith(subject.prefixes[0]))
        ? [of]
        : [];
    });
    const note = { role: "cache", kind: "cache.invalidated" } as const;
    let journalId: string | undefined;
    if (withRow) {
      journalId = await time.settle(own.append(note, subject)).catch(() => undefined);
      if (journalId === undefined) return;
    }
    const versions = touched.map((of) => (known(of).version += 1));
    const outcome = await time.settle(
      cache.invalidate(subject, journalId === undefined ? {} : { journalId }),
    );
    if (outcome.kind === "unavailable") return;
    figures.changes += 1;
    touched.forEach((of, place) => {
      known(of).answered.push({ version: versions[place] ?? 0, by, atMs: Date.now() });
    });
  }

  async function take(step: CacheStep): Promise<void> {
    switch (step.kind) {
      case "read":
      case "read-beside": {
        const done = read(step.process, step.name, step.loadMs);
        if (step.kind === "read-beside") beside.push(done);
        else await done;
        return;
      }
      case "change":
        await change(step.process, subjects[step.subject] ?? subjects[0], step.withRow);
        return;
      case "delay-stores":
        at(step.process).storeDelayMs = step.ms;
        return;
      case "dead-holder":
        // Not waited for: a frozen server takes it when it goes on.
        void server.commands
          .set(keys.cacheLease(names[step.name] ?? ""), "dead", { ttlMs: 1500 })
          .catch(() => undefined);
        return;
      case "evict": {
        const there = server.keys().filter((key) => key.startsWith(keys.cache("")));
        const one = there[step.place % Math.max(1, there.length)];
        if (one !== undefined && server.state === "up") await server.commands.del([one]);
        return;
      }
      case "link":
        if (step.to === "up") at(step.process).link.heal();
        else at(step.process).link.cut(step.to);
        return;
      case "truth":
        at(step.process).truth.become(step.to);
        return;
      case "bus":
        at(step.process).isBusLossy = step.to === "lossy";
        return;
      case "server":
        server.become(step.to);
        return;
      case "dump":
        dump = server.dump();
        return;
      case "restore":
        server.become("down");
        await time.pass(10);
        server.restore(dump);
        server.become("up");
        return;
      case "flush":
        server.flushAll();
        return;
      case "wait":
        await time.pass(step.ms);
    }
  }

  async function readAll(): Promise<void> {
    for (let by = 0; by < processes; by += 1)
      for (let of = 0; of < names.length; of += 1) await read(by, of, 0);
  }

  function repair(): void {
    server.become("up");
    for (const one of all) {
      one.link.heal();
      one.truth.become("here");
      one.storeDelayMs = 0;
    }
  }

  try {
    for (const step of steps) await take(step);
    await readAll();
    repair();
    await time.settle(Promise.all(beside));
    await time.pass(boundMs + 50);
    await readAll();
    await readAll();
  } finally {
    repair();
    await time.settle(Promise.allSettled(beside));
    await time.settle(Promise.all(all.map((one) => one.stop())));
    timers.useRealTimers();
  }
}
