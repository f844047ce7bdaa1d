import { runMany } from "./run-many";

it("runs each once, never more at once than told", async () => {
  const seen: number[] = [];
  let running = 0;
  let most = 0;
  await runMany({ count: 10, atOnce: 3 }, async (number) => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    seen.push(number);
    running -= 1;
  });
  expect(seen.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(most).toBe(3);
});

it("starts no more after a failure, and tells it", async () => {
  let started = 0;
  const failing = runMany({ count: 100, atOnce: 2 }, () => {
    started += 1;
    return Promise.reject(new Error("refused"));
  });
  await expect(failing).rejects.toThrow("refused");
  expect(started).toBe(2);
});
