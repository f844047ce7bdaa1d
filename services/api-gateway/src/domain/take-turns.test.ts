import { AsyncLocalStorage } from "node:async_hooks";
import { createTakeTurns } from "./take-turns";

it("lets a few of one person in at once, keeps others' apart, and refuses beyond what may wait", async () => {
  const takeTurn = createTakeTurns({ atOnce: 2, waiting: 3 });
  const going: (() => void)[] = [];
  const work = () =>
    new Promise<string>((resolve) => {
      going.push(() => {
        resolve("done");
      });
    });
  const ada = Array.from({ length: 5 }, () => takeTurn("ada", work));
  const bob = takeTurn("bob", work);
  await expect(takeTurn("ada", work)).rejects.toMatchObject({
    code: "rate_limited",
    details: { retryAfterSeconds: 1 },
  });
  expect(going).toHaveLength(3);
  while (going.length > 0) {
    going.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await Promise.all([...ada, bob])).toEqual(Array(6).fill("done"));
});

it("passes on what the work throws, and has the place free again", async () => {
  const takeTurn = createTakeTurns({ atOnce: 1, waiting: 0 });
  await expect(takeTurn("ada", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await takeTurn("ada", () => Promise.resolve(1))).toBe(1);
});

it("lets who waited go on with what belongs to the own request", async () => {
  const takeTurn = createTakeTurns({ atOnce: 1, waiting: 5 });
  const context = new AsyncLocalStorage<number>();
  const work = () => new Promise((resolve) => setImmediate(resolve)).then(() => context.getStore());
  const turns = [1, 2, 3].map((request) => context.run(request, () => takeTurn("ada", work)));
  expect(await Promise.all(turns)).toEqual([1, 2, 3]);
});
