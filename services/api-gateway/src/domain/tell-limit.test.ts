import { QuotaExceeded } from "@vibe-friend/database/errors";
import { createTellLimit } from "./tell-limit";

const settle = () => new Promise((resolve) => setImmediate(resolve));

function setup({ fails = false } = {}) {
  const told: string[] = [];
  const clock = { now: Date.parse("2026-01-01T23:00:00Z") };
  const telling = createTellLimit({
    inboxes: {
      tellLimit: ({ userId, limit }) => {
        told.push(`${userId} ${limit}`);
        return fails ? Promise.reject(new Error("down")) : Promise.resolve();
      },
    },
    clock: () => clock.now,
  });
  const submit = (error?: Error) =>
    telling(({ userId }: { userId: string }) => (error ? Promise.reject(error) : Promise.resolve(userId)));
  return { told, clock, submit };
}

it("tells of the day's limit once a day and person, and refuses all the same", async () => {
  const { told, clock, submit } = setup();
  const refused = submit(new QuotaExceeded("daily", 5));
  for (const userId of ["ada", "ada", "ben"]) {
    await expect(refused({ userId })).rejects.toBeInstanceOf(QuotaExceeded);
  }
  expect(told).toEqual(["ada 5", "ben 5"]);
  clock.now += 2 * 3_600_000;
  await expect(refused({ userId: "ada" })).rejects.toBeInstanceOf(QuotaExceeded);
  expect(told).toEqual(["ada 5", "ben 5", "ada 5"]);
});

it("says nothing of other refusals and of what was taken", async () => {
  const { told, submit } = setup();
  await expect(submit(new QuotaExceeded("open", 5))({ userId: "ada" })).rejects.toBeInstanceOf(QuotaExceeded);
  await expect(submit(new Error("else"))({ userId: "ada" })).rejects.toThrow("else");
  expect(await submit()({ userId: "ada" })).toBe("ada");
  expect(told).toEqual([]);
});

it("tries again at the next refusal when nobody could be told", async () => {
  const { told, submit } = setup({ fails: true });
  for (let i = 0; i < 2; i += 1) {
    await expect(submit(new QuotaExceeded("daily", 5))({ userId: "ada" })).rejects.toThrow();
    await settle();
  }
  expect(told).toHaveLength(2);
});
