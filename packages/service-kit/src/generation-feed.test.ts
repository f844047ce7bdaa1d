import type { GenerationNews } from "@vibe-friend/contracts/bus-messages";
import type { GenerationEvent } from "@vibe-friend/contracts/generation-event";
import fc from "fast-check";
import { createGenerationFeed, type GenerationFeed } from "./generation-feed";

const ID = "01940000-0000-7000-8000-000000000001";
const silent = { debug: () => undefined, warn: () => undefined };
const tick = (ms = 1) => new Promise<void>((resolve) => setTimeout(resolve, ms));

function eventAt(seq: number): GenerationEvent {
  return {
    generationId: ID,
    seq,
    at: "2026-01-01T00:00:00.000Z",
    type: "log",
    level: "info",
    message: `${seq}`,
  };
}

/** A log and a bus in memory, both of which can be told to misbehave. */
function createWorld() {
  const stored: GenerationEvent[] = [];
  const handlers = new Set<(news: GenerationNews) => void>();
  const gapListeners = new Set<() => void>();
  const counts = { subscribes: 0, positions: 0, reads: 0 };
  const faults = { failingReads: 0, failingPositions: 0, failingSubscribes: 0 };
  const take = (fault: keyof typeof faults) => {
    if (faults[fault] <= 0) return;
    faults[fault] -= 1;
    throw new Error("away");
  };
  return {
    stored,
    counts,
    faults,
    handlers,
    gap: () => {
      for (const listener of gapListeners) listener();
    },
    commit: (count: number) => {
      const from = stored.length + 1;
      for (let seq = from; seq < from + count; seq += 1) stored.push(eventAt(seq));
      return { generationId: ID, seqTo: stored.length, events: stored.slice(from - 1) };
    },
    publish: (news: GenerationNews) => {
      for (const handler of handlers) handler(news);
    },
    log: {
      events: async (_id: string, after: number, limit: number) => {
        counts.reads += 1;
        await tick(0);
        take("failingReads");
        return stored.slice(after, after + limit);
      },
      positions: async (ids: readonly string[]) => {
        counts.positions += 1;
        await tick(0);
        take("failingPositions");
        return ids.map((id) => ({ id, lastSeq: stored.length }));
      },
    },
    bus: {
      subscribe: async (_topic: string, _schema: unknown, handler: (news: GenerationNews) => void) => {
        counts.subscribes += 1;
        await tick(0);
        take("failingSubscribes");
        handlers.add(handler);
        return () => handlers.delete(handler);
      },
      onGap: (listener: () => void) => {
        gapListeners.add(listener);
        return () => gapListeners.delete(listener);
      },
    },
  };
}

type World = ReturnType<typeof createWorld>;

function createFeed(world: World, pollMs = 5, pageSize = 7): GenerationFeed {
  return createGenerationFeed({ log: world.log, bus: world.bus, logger: silent, pollMs, pageSize });
}

async function until(condition: () => boolean, timeoutMs = 2000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error("the condition did not come true in time");
    await tick();
  }
}

const seqs = (events: readonly GenerationEvent[]) => events.map((event) => event.seq);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe("generation feed", () => {
  let world: World;
  let feed: GenerationFeed;
  beforeEach(() => {
    world = createWorld();
  });
  afterEach(() => {
    feed.close();
  });

  it("hands out history after the given position, then what rides on the bus without asking the log", async () => {
    world.commit(20);
    feed = createFeed(world, 60_000);
    const seen: GenerationEvent[] = [];
    await feed.follow({ generationId: ID, after: 3 }, { onEvents: (events) => void seen.push(...events) });
    await until(() => seen.length === 17);
    await tick(5);
    const readsBefore = world.counts.reads;
    world.publish(world.commit(2));
    await tick(5);
    expect(seqs(seen)).toEqual(range(4, 22));
    expect(world.counts.reads).toBe(readsBefore);
  });

  it("takes only what is new from a message that overlaps what was seen", async () => {
    feed = createFeed(world, 60_000);
    world.commit(4);
    const seen: GenerationEvent[] = [];
    await feed.follow({ generationId: ID, after: 0 }, { onEvents: (events) => void seen.push(...events) });
    await until(() => seen.length === 4);
    await tick(5);
    world.commit(2);
    world.publish({ generationId: ID, seqTo: 6, events: world.stored.slice(2) });
    await until(() => seen.length >= 6);
    expect(seqs(seen)).toEqual(range(1, 6));
  });

  it("reads what a pointer announces and what a lost message leaves out", async () => {
    feed = createFeed(world, 60_000);
    const seen: GenerationEvent[] = [];
    await feed.follow({ generationId: ID, after: 0 }, { onEvents: (events) => void seen.push(...events) });
    const { generationId, seqTo } = world.commit(3);
    world.publish({ generationId, seqTo });
    await until(() => seen.length === 3);
    world.commit(2);
    world.publish(world.commit(1));
    await until(() => seen.length === 6);
    expect(seqs(seen)).toEqual(range(1, 6));
  });

  it("doesn't forget what is announced while a read is under way", async () => {
    feed = createFeed(world, 60_000);
    const seen: GenerationEvent[] = [];
    await feed.follow({ generationId: ID, after: 0 }, { onEvents: (events) => void seen.push(...events) });
    await tick(5);
    const readEvents = world.log.events;
    world.log.events = async (...args) => {
      world.log.events = readEvents;
      const events = await readEvents(...args);
      const { generationId, seqTo } = world.commit(2);
      world.publish({ generationId, seqTo });
      return events;
    };
    world.publish({ generationId: ID, seqTo: 9 });
    await until(() => seen.length === 2, 500);
  });

  it("finds by its poll what the bus never said, with one question for all generations", async () => {
    feed = createFeed(world, 20);
    const seen: number[] = [];
    for (let count = 0; count < 3; count += 1) {
      await feed.follow(
        { generationId: ID, after: 0 },
        { onEvents: (events) => void seen.push(...seqs(events)) },
      );
    }
    expect(feed.size()).toEqual({ generations: 1, followers: 3 });
    expect(world.counts.subscribes).toBe(1);
    await tick(10);
    const readsBefore = world.counts.reads;
    world.commit(4);
    await until(() => seen.length === 12);
    expect(world.counts.reads - readsBefore).toBe(3);
    expect(world.counts.positions).toBeLessThan(5);
  });

  it("catches up at once when the bus reports a gap", async () => {
    feed = createFeed(world, 60_000);
    const seen: GenerationEvent[] = [];
    await feed.follow({ generationId: ID, after: 0 }, { onEvents: (events) => void seen.push(...events) });
    await tick(5);
    world.commit(2);
    world.gap();
    await until(() => seen.length === 2, 500);
  });

  it("pauses while the log is away, says so once, and goes on", async () => {
    feed = createFeed(world);
    world.commit(5);
    world.faults.failingReads = 4;
    const seen: GenerationEvent[] = [];
    let told = 0;
    const onProblem = () => void (told += 1);
    await feed.follow(
      { generationId: ID, after: 0 },
      { onEvents: (events) => void seen.push(...events), onProblem },
    );
    await until(() => seen.length === 5);
    expect(told).toBe(1);
  });

  it("joins the topic again after joining failed", async () => {
    feed = createFeed(world);
    world.faults.failingSubscribes = 2;
    await feed.follow({ generationId: ID, after: 0 }, { onEvents: () => undefined });
    await until(() => world.handlers.size === 1);
  });

  it("doesn't call a slow listener again before it is done, nor keep events for it", async () => {
    feed = createFeed(world, 5);
    let open = 0;
    let most = 0;
    const sizes: number[] = [];
    const seen: number[] = [];
    const onEvents = async (events: readonly GenerationEvent[]) => {
      open += 1;
      most = Math.max(most, open);
      sizes.push(events.length);
      await tick(10);
      seen.push(...seqs(events));
      open -= 1;
    };
    await feed.follow({ generationId: ID, after: 0 }, { onEvents });
    for (let round = 0; round < 30; round += 1) {
      world.publish(world.commit(1));
      await tick();
    }
    await until(() => seen.length === 30);
    expect(seen).toEqual(range(1, 30));
    expect(most).toBe(1);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(7);
  });

  it("leaves a listener that throws behind and serves the others", async () => {
    feed = createFeed(world);
    const seen: number[] = [];
    const onEvents = () => {
      throw new Error("broken");
    };
    await feed.follow({ generationId: ID, after: 0 }, { onEvents });
    await feed.follow(
      { generationId: ID, after: 0 },
      { onEvents: (events) => void seen.push(...seqs(events)) },
    );
    world.publish(world.commit(2));
    await until(() => seen.length === 2);
    expect(feed.size().followers).toBe(1);
  });

  it("leaves the topic and stops polling with the last follower", async () => {
    feed = createFeed(world);
    const one = await feed.follow({ generationId: ID, after: 0 }, { onEvents: () => undefined });
    const two = await feed.follow({ generationId: ID, after: 0 }, { onEvents: () => undefined });
    one.close();
    expect(world.handlers.size).toBe(1);
    two.close();
    two.close();
    await until(() => world.handlers.size === 0);
    const polls = world.counts.positions;
    await tick(20);
    expect(world.counts.positions).toBe(polls);
    expect(feed.size()).toEqual({ generations: 0, followers: 0 });
  });
});

describe("generation feed under any loss, repetition, reordering and outage", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("commit" as const), count: fc.integer({ min: 1, max: 9 }) }),
    fc.record({ kind: fc.constant("tell" as const), which: fc.nat(), pointer: fc.boolean() }),
    fc.record({ kind: fc.constant("lie" as const), ahead: fc.integer({ min: 1, max: 50 }) }),
    fc.record({ kind: fc.constant("skip" as const), count: fc.integer({ min: 1, max: 9 }) }),
    fc.record({ kind: fc.constant("join" as const), after: fc.nat() }),
    fc.record({ kind: fc.constant("fail" as const), count: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ kind: fc.constant("gap" as const) }),
    fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 4 }) }),
  );

  it("every follower gets each event after its position exactly once, in order", async () => {
    const property = fc.asyncProperty(
      fc.array(step, { maxLength: 40 }),
      fc.boolean(),
      async (steps, slow) => {
        const world = createWorld();
        const feed = createFeed(world, 3);
        const followers: { after: number; seen: number[] }[] = [];
        const told: GenerationNews[] = [];
        const join = async (after: number) => {
          const follower = { after, seen: [] as number[] };
          followers.push(follower);
          const onEvents = async (events: readonly GenerationEvent[]) => {
            if (slow) await tick(1);
            follower.seen.push(...seqs(events));
          };
          await feed.follow({ generationId: ID, after }, { onEvents });
        };
        await join(0);
        for (const action of steps) {
          if (action.kind === "commit") told.push(world.commit(action.count));
          if (action.kind === "lie")
            world.publish({ generationId: ID, seqTo: world.stored.length + action.ahead });
          if (action.kind === "join") await join(action.after % (world.stored.length + 1));
          if (action.kind === "gap") world.gap();
          if (action.kind === "skip") {
            // Everyone is idle, one message is lost, the next one arrives.
            await tick(2);
            world.commit(action.count);
            world.publish(world.commit(1));
          }
          if (action.kind === "wait") await tick(action.ms);
          if (action.kind === "fail") {
            world.faults.failingReads = action.count;
            world.faults.failingPositions = action.count;
            world.faults.failingSubscribes = action.count;
          }
          const news = action.kind === "tell" ? told[action.which % told.length] : undefined;
          if (action.kind === "tell" && news) {
            world.publish(action.pointer ? { generationId: ID, seqTo: news.seqTo } : news);
          }
        }
        try {
          const end = world.stored.length;
          await until(() => followers.every(({ after, seen }) => seen.length >= end - after));
          await tick(8);
          for (const { after, seen } of followers) expect(seen).toEqual(range(after + 1, end));
        } finally {
          feed.close();
        }
      },
    );
    await fc.assert(property, { numRuns: 150 });
  }, 30_000);
});
