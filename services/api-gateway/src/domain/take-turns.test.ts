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
