import { randomBytes } from "node:crypto";
import { hash, verify } from "@node-rs/argon2";
import { ProblemError } from "@vibe-friend/service-kit/problem-error";
import type { Passwords } from "../domain/ports";
import { createQueue } from "./bounded-queue";

/** OWASP's first choice: 19 MiB, two passes, one lane. */
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 };
const currentForm = `$argon2id$v=19$m=${parameters.memoryCost},t=${parameters.timeCost},p=${parameters.parallelism}$`;

/** Hashes that may wait; who comes after them is told to come back. */
const MAX_WAITING = 50;

/**
 * argon2id with as many hashes at once as given: each takes 19 MiB and a core for tens of milliseconds.
 * Unicode is normalised (NFKC), so that the same password from another keyboard is the same.
 */
export function createArgon2Passwords(hashesAtOnce: number): Passwords {
  const queue = createQueue({ atOnce: hashesAtOnce, maxWaiting: MAX_WAITING });
  const run = <T>(work: () => Promise<T>): Promise<T> => {
    const running = queue.run(work);
    if (running === undefined) throw new ProblemError("rate_limited", { retryAfterSeconds: 1 });
    return running;
  };
  const hashNow = (password: string) => hash(password.normalize("NFKC"), parameters);
  /** Stands in for the hash of an account that doesn't exist; nobody knows its password. */
  let standIn: Promise<string> | undefined;

  return {
    hash: async (password) => await run(() => hashNow(password)),
    async verify(password, known) {
      standIn ??= hashNow(randomBytes(32).toString("hex"));
      const compared = known ?? (await standIn);
      const isRight = await run(() => verify(compared, password.normalize("NFKC")));
      return isRight && known !== null;
    },
    isOutdated: (known) => !known.startsWith(currentForm),
  };
}
