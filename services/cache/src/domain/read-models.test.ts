import type { Access, StoredSettings } from "@vibe-friend/contracts/cached-values";
import { keptValue } from "@vibe-friend/contracts/read-models";
import type { PutSettingsBody } from "@vibe-friend/contracts/settings";
import { createMetrics } from "@vibe-friend/service-kit/metrics";
import { createReadFigures } from "@vibe-friend/service-kit/read-figures";
import { createReadModelStages } from "@vibe-friend/service-kit/read-model-stages";
import { createStagedReads } from "@vibe-friend/service-kit/staged-read";
import { createRecordingLogger } from "@vibe-friend/service-kit/testing/recording-logger";

import { createDescribeCache } from "./describe-cache";
import { createDescribeStatistics } from "./describe-statistics";
import { createInvalidateCache } from "./invalidate-cache";
import { createLoadAccess } from "./load-access";
import type { ReadModelCache, ReadModelLoaders } from "./ports";
import { createPutSettings } from "./put-settings";
import { createReadModelReader } from "./read-model";
import { createRefreshReadModel } from "./refresh-read-model";

const at = "2026-01-01T00:00:00.000Z";
const userId = "01890000-0000-7000-8000-000000000001";
const access: Access = {
  user: { id: userId, email: "ada@example.org", displayName: "Ada", disabled: false, createdAt: at },
  roles: ["user"],
  permissions: ["generation:read"],
};
const byStatus = { queued: 0, running: 0, completed: 1, failed: 0, cancelled: 0 };
const counts = {
  at,
  users: { total: 1, disabled: 0, newLast7Days: 1 },
  generations: { total: 1, byStatus, perDay: [] },
  sessions: { open: 1, usersSignedIn: 1 },
};

function setup() {
  const cached = new Map<string, unknown>();
  const steps: string[] = [];
  let stored: StoredSettings = { items: [] };
  const found: (Access | undefined)[] = [undefined, access];
  const loaders: ReadModelLoaders = {
    permissions: createLoadAccess(() => Promise.resolve(found.shift())),
    settings: () => Promise.resolve(stored),
    statistics: () => Promise.resolve(counts),
    users: () => Promise.resolve({ items: [], nextCursor: null }),
  };
  const cache: ReadModelCache = {
    async read({ model, argument, load }) {
      const { key } = keptValue(model, argument);
      const isHit = cached.has(key);
      if (!isHit) cached.set(key, await load());
      // Stored under this model's key, so of this model's type.
      return { value: cached.get(key) as never, from: isHit ? "redis" : "source", stale: false };
    },
    async writeThrough({ model, argument, load }, write) {
      const { journalId } = await write();
      steps.push(`drop ${keptValue(model, argument).key} of row ${journalId ?? "-"}`);
      return await load();
    },
    async refresh({ model, load }) {
      steps.push(`refresh ${model}`);
      await load();
    },
    invalidate: (what) =>
      Promise.resolve({ journaledOnly: true }).finally(() =>
        steps.push(`invalidate ${JSON.stringify(what)}`),
      ),
  };
  const store = {
    list: () => Promise.resolve(stored),
    put: ({ values, invalidates }: { values: PutSettingsBody; invalidates: readonly string[] }) => {
      steps.push(`put and journal ${invalidates.join()}`);
      stored = {
        items: Object.entries(values).map(([key, value]) => ({ key, value, updatedAt: at })),
      };
      return Promise.resolve({ journalId: "7" });
    },
  };
  const audit = {
    append: ({ action, details }: { action: string; details: object }) =>
      Promise.resolve(void steps.push(`audit ${action} ${JSON.stringify(details)}`)),
  };
  const stages = createReadModelStages();
  const figures = createReadFigures(createMetrics("cache").registry);
  const reads = createStagedReads({ stages, figures, logger: createRecordingLogger() });
  return {
    ...{ cache, cached, loaders, store, audit, steps, stages, figures, reads },
    ...createReadModelReader({ cache, loaders, reads }),
  };
}

it("writes settings and the journal first, then drops and loads, tells the switches, and says who did it", async () => {
  const { cache, store, audit, steps, stages } = setup();
  const putSettings = createPutSettings({ cache, store, audit, stages });
  const values = { "cache.users.stage": "shadow" } as const;
  const answer = await putSettings({ values, userId, caller: {} });
  expect(answer.items).toEqual([{ key: "cache.users.stage", value: "shadow", updatedAt: at }]);
  expect(steps).toEqual([
    "put and journal settings:all",
    "drop settings:all of row 7",
    `audit settings.changed ${JSON.stringify(values)}`,
  ]);
  expect(stages.of("users")).toBe("shadow");
});

it("caches who may do what, but not that somebody is unknown", async () => {
  const { readModel, cached } = setup();
  await expect(readModel("permissions", userId)).rejects.toMatchObject({ code: "not_found" });
  expect((await readModel("permissions", userId)).value).toEqual(access);
  expect(await readModel("permissions", userId)).toEqual({ value: access, from: "redis", stale: false });
  expect([...cached.keys()]).toEqual([`permissions:${userId}`]);
});

it("keeps pages of users apart by what was asked for", async () => {
  const { readModel, cached } = setup();
  await readModel("users", { limit: 20 });
  await readModel("users", { limit: 20, q: "" });
  await readModel("users", { limit: 20, q: "a&limit=5 é" });
  expect([...cached.keys()]).toEqual(["users:list:limit=20", "users:list:limit=20&q=a%26limit%3D5+%C3%A9"]);
});

it("puts what is true now beside the cached counts, and says when Redis can't be asked", async () => {
  const { readModel, figures } = setup();
  const describe = (isAway: boolean) =>
    createDescribeStatistics({
      readModel,
      figures,
      queue: {
        counts: () => Promise.resolve(isAway ? null : { waiting: 2, active: 1, delayed: 0, failed: 0 }),
      },
      redis: { mode: () => (isAway ? "degraded" : "normal") },
    })();
  expect(await describe(false)).toMatchObject({ at, stale: false, queue: { waiting: 2 }, mode: "normal" });
  expect(await describe(true)).toMatchObject({ queue: null, mode: "degraded", cacheHitRate: 0.5 });
});

it("shows every model with its stage, the most called first, and no mismatches where age makes them", async () => {
  const { readModel, figures, stages } = setup();
  await readModel("statistics", undefined);
  const { items } = await createDescribeCache({ figures, stages })();
  expect(items.map(({ model }) => model).sort()).toEqual(["permissions", "settings", "statistics", "users"]);
  expect(items[0]).toMatchObject({
    ...{ model: "statistics", stage: "on", calls: 1, hitRate: 0, compared: null, mismatches: null },
    ...{ ttlSeconds: 300, refreshEverySeconds: 240, memory: true },
  });
  expect(items.find(({ model }) => model === "permissions")).toMatchObject({
    ...{ memory: false, hitRate: null, mismatches: 0, timeSavedMs: null },
  });
});

it("says what was dropped by hand, and that only the journal knows yet", async () => {
  const { cache, audit, steps } = setup();
  const answer = await createInvalidateCache({ cache, audit })({
    what: { tags: ["users"], prefix: "users:" },
    userId,
    caller: {},
  });
  expect(answer).toEqual({ tags: ["users"], keys: [], prefix: "users:", journaledOnly: true });
  expect(steps).toEqual([
    'invalidate {"tags":["users"],"prefix":"users:"}',
    'audit cache.invalidated {"tags":["users"],"prefix":"users:","journaledOnly":true}',
  ]);
});

it("loads ahead of time, which is timed but is no call, and not while the cache is switched off", async () => {
  const { figures, steps, stages, ...parts } = setup();
  const refresh = createRefreshReadModel({ ...parts, stages });
  await refresh("statistics");
  const { calls, source } = await figures.read("statistics");
  expect([calls, source.p50Ms]).toEqual([0, expect.any(Number)]);
  stages.learn({ items: [{ key: "cache.statistics.stage", value: "off", updatedAt: at }] });
  await refresh("statistics");
  expect(steps).toEqual(["refresh statistics"]);
});
