import type { GenerationEvent } from "@vibe-friend/contracts/generation-event";
import { createDeliver, defaultDelivery, TooSlow, type DeliveryLimits } from "./deliver";
import { createFollowGeneration, MAX_SUBSCRIPTIONS, type Position } from "./follow-generation";
import type { Feed } from "./ports";
import { createRecordedMetrics } from "./testing/recorded-metrics";
import { silentLogger as logger } from "./testing/silent-logger";

const person = { userId: "u1", sessionId: "s1" };
const idOf = (count: number) => `g${count}`;

function events(count: number, text = "x"): GenerationEvent[] {
  return Array.from({ length: count }, (_, index) => ({
    generationId: "g1",
    seq: index + 1,
    at: "2026-01-01T00:00:00.000Z",
    type: "file:delta",
    path: "a",
    text,
  }));
}

/** A browser that takes what it is sent only when the test says so. */
function createBrowser() {
  const sent: number[] = [];
  const cuts: string[] = [];
  let open = (): void => undefined;
  let gate: Promise<void> = Promise.resolve();
  return {
    sent,
    cuts,
    clog: () => void (gate = new Promise((resolve) => (open = resolve))),
    unclog: () => {
      open();
      gate = Promise.resolve();
    },
    outlet: {
      send: (event: GenerationEvent) => void sent.push(event.seq),
      drained: () => gate,
      cut: (reason: string) => void cuts.push(reason),
    },
  };
}

function deliverTo(
  { outlet }: ReturnType<typeof createBrowser>,
  limits: DeliveryLimits,
  metrics = createRecordedMetrics().metrics,
) {
  const sizeOf = (event: GenerationEvent) => 200 + (event.type === "file:delta" ? event.text.length : 0);
  return createDeliver(outlet, { metrics, limits, onSent: metrics.delivered, sizeOf });
}

describe("deliver events", () => {
  it("hands out no more than a burst to a browser that doesn't read, and cuts it in the end", async () => {
    const browser = createBrowser();
    const { metrics, counts } = createRecordedMetrics();
    const deliver = deliverTo(browser, { burstBytes: 3000, stallMs: 30 }, metrics);
    browser.clog();
    await expect(deliver(events(100, "x".repeat(800)), () => true)).rejects.toThrow(TooSlow);
    expect(browser.sent).toEqual([1, 2, 3]);
    expect(browser.cuts).toEqual(["too slow"]);
    expect(counts).toMatchObject({ cut: 1, delivered: 3 });
  });

  it("goes on in order when the browser reads again", async () => {
    const browser = createBrowser();
    const deliver = deliverTo(browser, { burstBytes: 3000, stallMs: 5000 });
    browser.clog();
    const delivered = deliver(events(5, "x".repeat(800)), () => true);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(browser.sent).toEqual([1, 2, 3]);
    browser.unclog();
    await delivered;
    expect(browser.sent).toEqual([1, 2, 3, 4, 5]);
  });

  it("ends in the middle when nobody wants the rest", async () => {
    const browser = createBrowser();
    const deliver = deliverTo(browser, defaultDelivery);
    await deliver(events(5), () => browser.sent.length < 2);
    expect(browser.sent).toEqual([1, 2]);
  });
});

describe("follow a generation", () => {
  function createWorld(position: Position | Error | undefined = { status: "running", lastSeq: 3 }) {
    const steps: string[] = [];
    const feed: Feed = {
      follow: ({ generationId, after }) => {
        steps.push(`follow ${generationId} after ${after}`);
        return Promise.resolve({ close: () => void steps.push(`close ${generationId} after ${after}`) });
      },
    };
    const asked: string[][] = [];
    const generations = {
      findPosition: (userId: string, id: string) => {
        asked.push([userId, id]);
        return position instanceof Error ? Promise.reject(position) : Promise.resolve(position);
      },
    };
    const openSubscriptions = createFollowGeneration({ generations, feed, logger });
    const subscriptions = openSubscriptions(person, () => Promise.resolve());
    const follow = (id: string, after = 0) =>
      subscriptions.follow({ id, after }, ({ lastSeq }) => void steps.push(`ack ${id} ${lastSeq}`));
    return { steps, asked, subscriptions, follow };
  }

  it("asks whose it is, acknowledges, then follows", async () => {
    const world = createWorld();
    await world.follow("g1", 2);
    expect(world.asked).toEqual([["u1", "g1"]]);
    expect(world.steps).toEqual(["ack g1 3", "follow g1 after 2"]);
  });

  it("asks again at every subscription, and the later one replaces the earlier", async () => {
    const world = createWorld();
    await world.follow("g1", 2);
    await world.follow("g1", 1);
    expect(world.asked).toHaveLength(2);
    expect(world.steps.slice(2)).toEqual(["close g1 after 2", "ack g1 3", "follow g1 after 1"]);
    expect(world.subscriptions.size()).toBe(1);
  });

  it("follows only once when two subscriptions of one generation overtake each other", async () => {
    const world = createWorld();
    await Promise.all([world.follow("g1", 1), world.follow("g1", 2)]);
    expect(world.steps.filter((step) => step.startsWith("follow"))).toEqual(["follow g1 after 2"]);
  });

  it("leaves nothing open when it is closed while a subscription is on its way", async () => {
    const world = createWorld();
    const following = world.follow("g1");
    world.subscriptions.close();
    await following;
    expect(world.steps.filter((step) => step.startsWith("follow"))).toEqual([]);
    expect(world.subscriptions.size()).toBe(0);
  });

  it("refuses what isn't there, what can't be asked and what is too much", async () => {
    const full = createWorld();
    const none = createFollowGeneration({
      generations: { findPosition: () => Promise.resolve(undefined) },
      feed: { follow: () => Promise.reject(new Error("not to be called")) },
      logger,
    })(person, () => Promise.resolve());
    await expect(none.follow({ id: "g1", after: 0 }, () => undefined)).rejects.toMatchObject({
      code: "not_found",
    });
    expect(none.size()).toBe(0);
    await expect(createWorld(new Error("away")).follow("g1")).rejects.toMatchObject({ code: "unavailable" });
    for (let count = 0; count < MAX_SUBSCRIPTIONS; count += 1) await full.follow(idOf(count));
    await expect(full.follow("one more")).rejects.toMatchObject({ code: "quota_exceeded" });
    full.subscriptions.unfollow(idOf(0));
    await full.follow("one more");
  });
});
