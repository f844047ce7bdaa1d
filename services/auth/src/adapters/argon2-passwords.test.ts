import { createArgon2Passwords } from "./argon2-passwords";
import { createQueue } from "./bounded-queue";

describe("passwords", () => {
  const passwords = createArgon2Passwords(2);

  it("are argon2id with 19 MiB and two passes, and salted", async () => {
    const [one, other] = await Promise.all([
      passwords.hash("correct horse"),
      passwords.hash("correct horse"),
    ]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(other).not.toBe(one);
    expect(passwords.isOutdated(one)).toBe(false);
    expect(passwords.isOutdated("$argon2id$v=19$m=4096,t=3,p=1$x$y")).toBe(true);
  });

  it("are the same however a keyboard composes them, and no others are right", async () => {
    const hash = await passwords.hash("cr\u00e8me br\u00fbl\u00e9e!");
    expect(await passwords.verify("cre\u0300me bru\u0302le\u0301e!", hash)).toBe(true);
    expect(await passwords.verify("creme brulee!", hash)).toBe(false);
  });

  it("are never right for nobody, and take as long", async () => {
    const hash = await passwords.hash("correct horse");
    const time = async (known: string | null) => {
      const startedAt = performance.now();
      expect(await passwords.verify("wrong horse", known)).toBe(false);
      return performance.now() - startedAt;
    };
    // The fastest of several turns: whatever else the machine does only ever makes them slower.
    const nobody: number[] = [];
    const somebody: number[] = [];
    for (let round = 0; round < 10; round += 1) {
      nobody.push(await time(null));
      somebody.push(await time(hash));
    }
    const ratio = Math.min(...nobody) / Math.min(...somebody);
    expect(ratio).toBeGreaterThan(0.2);
    expect(ratio).toBeLessThan(5);
  });
});

describe("bounded queue", () => {
  it("runs so many at once, lets so many wait, and refuses the rest at once", async () => {
    const queue = createQueue({ atOnce: 2, maxWaiting: 1 });
    const ends: (() => void)[] = [];
    let running = 0;
    let most = 0;
    const work = async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise<void>((end) => ends.push(end));
      running -= 1;
    };
    const all = [1, 2, 3].map(() => queue.run(work) ?? Promise.reject(new Error("refused")));
    expect(queue.run(work)).toBeUndefined();
    while (running > 0) {
      ends.shift()?.();
      await new Promise(setImmediate);
    }
    await Promise.all(all);
    expect(most).toBe(2);
    expect(queue.run(() => Promise.resolve())).toBeDefined();
  });

  it("gives a place back after a failure", async () => {
    const queue = createQueue({ atOnce: 1, maxWaiting: 0 });
    await expect(queue.run(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    await expect(queue.run(() => Promise.resolve(1))).resolves.toBe(1);
  });
});
