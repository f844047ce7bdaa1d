import type { StoredSettings } from "@vibe-friend/contracts/cached-values";
import { createReadModelStages, watchReadModelStages } from "./read-model-stages";

const settings = (value: unknown): StoredSettings => ({
  items: [{ key: "cache.users.stage", value, updatedAt: "2026-01-01T00:00:00.000Z" }],
});

it("is on until something else is said, and when what is said can't be read", () => {
  const stages = createReadModelStages();
  const changes: string[] = [];
  stages.onChange((model, stage) => changes.push(`${model} ${stage}`));
  expect(stages.of("users")).toBe("on");
  stages.learn(settings("off"));
  expect([stages.of("users"), stages.of("permissions")]).toEqual(["off", "on"]);
  stages.learn(settings("sideways"));
  expect(stages.of("users")).toBe("on");
  stages.learn({ items: [] });
  expect(changes).toEqual(["users off", "users on"]);
});

it("learns a switch within a second, and stays as it is while nobody can say", async () => {
  const stages = createReadModelStages();
  let answer = () => Promise.resolve(settings("shadow"));
  const watch = watchReadModelStages(stages, () => answer());
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(stages.of("users")).toBe("shadow");
  answer = () => Promise.reject(new Error("away"));
  await new Promise((resolve) => setTimeout(resolve, 700));
  expect(stages.of("users")).toBe("shadow");
  answer = () => Promise.resolve(settings("off"));
  await new Promise((resolve) => setTimeout(resolve, 1000));
  expect(stages.of("users")).toBe("off");
  watch.stop();
});
