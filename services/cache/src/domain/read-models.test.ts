import type { Access, StoredSettings } from "@vibe-friend/contracts/cached-values";
import type { PutSettingsBody } from "@vibe-friend/contracts/settings";
import type { ReadModel, ReadModelCache } from "./ports";
import { createReadAccess } from "./read-access";
import { createPutSettings, createReadSettings } from "./settings";

const at = "2026-01-01T00:00:00.000Z";
const userId = "01890000-0000-7000-8000-000000000001";
const access: Access = {
  user: { id: userId, email: "ada@example.org", displayName: "Ada", disabled: false, createdAt: at },
  roles: ["user"],
  permissions: ["generation:read"],
};

function setup() {
  const cached = new Map<string, unknown>();
  const steps: string[] = [];
  const read = async <T>({ name, load }: ReadModel<T>): Promise<T> => {
    if (!cached.has(name)) cached.set(name, await load());
    return cached.get(name) as T;
  };
  const cache: ReadModelCache = {
    access: read,
    settings: read,
    forget: (name) => {
      steps.push(`forget ${name}`);
      cached.delete(name);
      return Promise.resolve();
    },
  };
  let stored: StoredSettings = { items: [] };
  const store = {
    list: () => {
      steps.push("list");
      return Promise.resolve(stored);
    },
    put: (change: { values: PutSettingsBody; invalidates: readonly string[] }) => {
      steps.push(`put and journal ${change.invalidates.join()}`);
      stored = {
        items: Object.entries(change.values).map(([key, value]) => ({ key, value, updatedAt: at })),
      };
      return Promise.resolve();
    },
  };
  const audit = { append: () => Promise.resolve(void steps.push("audit")) };
  return { cache, store, audit, steps, cached };
}

it("answers settings from the cache until they are changed, and the new ones at once after that", async () => {
  const { cache, store, audit, steps } = setup();
  const readSettings = createReadSettings({ cache, store });
  const putSettings = createPutSettings({ cache, store, audit });
  await readSettings();
  await readSettings();
  const answer = await putSettings({ values: { registration: "closed" }, userId, caller: {} });
  expect(answer.items).toEqual([{ key: "registration", value: "closed", updatedAt: at }]);
  expect(await readSettings()).toEqual(answer);
  expect(steps).toEqual(["list", "put and journal settings:all", "forget settings:all", "audit", "list"]);
});

it("caches who may do what, but not that somebody is unknown", async () => {
  const { cache, cached } = setup();
  const found: (Access | undefined)[] = [undefined, access];
  const readAccess = createReadAccess({ cache, store: { find: () => Promise.resolve(found.shift()) } });
  await expect(readAccess(userId)).rejects.toMatchObject({ code: "not_found" });
  expect(await readAccess(userId)).toEqual(access);
  expect(await readAccess(userId)).toEqual(access);
  expect([...cached.keys()]).toEqual([`permissions:${userId}`]);
});
