import type { Notification } from "@vibe-friend/contracts/notification";
import { createSharedReads } from "./shared-reads";

const note = (seq: number) => ({ seq }) as Notification;

/** Answers a question only when the test says so. */
function createStore() {
  const asked: string[][] = [];
  const answers: ((outcome: "well" | "badly") => void)[] = [];
  const reads = createSharedReads((positions) => {
    asked.push(positions.map(({ userId, lastSeq }) => `${userId} after ${lastSeq}`));
    return new Promise((resolve, reject) => {
      answers.push((outcome) => {
        if (outcome === "badly") reject(new Error("away"));
        else resolve(new Map(positions.map(({ userId, lastSeq }) => [userId, [note(lastSeq + 1)]])));
      });
    });
  });
  return { asked, answers, read: (userId: string, after: number) => reads.events(userId, after, 20) };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

it("asks once for all who ask at once, and those who come meanwhile are in the next question", async () => {
  const { asked, answers, read } = createStore();
  const first = [read("ada", 1), read("ben", 4), read("ada", 1)];
  await settle();
  const next = [read("ada", 2), read("cleo", 0)];
  await settle();
  expect(asked).toEqual([["ada after 1", "ben after 4"]]);
  answers[0]!("well");
  expect(await Promise.all(first)).toEqual([[note(2)], [note(5)], [note(2)]]);
  await settle();
  expect(asked[1]).toEqual(["ada after 2", "cleo after 0"]);
  answers[1]!("well");
  expect(await Promise.all(next)).toEqual([[note(3)], [note(1)]]);
});

it("answers two places of one person each with what is behind it", async () => {
  const { asked, answers, read } = createStore();
  const both = [read("ada", 1), read("ada", 7)];
  await settle();
  answers[0]!("well");
  await settle();
  answers[1]!("well");
  expect(await Promise.all(both)).toEqual([[note(2)], [note(8)]]);
  expect(asked).toEqual([["ada after 1"], ["ada after 7"]]);
});

it("fails who asked when the store does, and asks again for the next", async () => {
  const { answers, read } = createStore();
  const failing = [read("ada", 1), read("ben", 1)];
  await settle();
  answers[0]!("badly");
  for (const reading of failing) await expect(reading).rejects.toThrow("away");
  const next = read("ada", 1);
  await settle();
  answers[1]!("well");
  expect(await next).toEqual([note(2)]);
});
