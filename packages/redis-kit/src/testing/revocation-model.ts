import fc from "fast-check";
import { parseRedisConfig } from "../config";
import { keepTrust } from "../journal/keep-trust";
import type { JournalStore } from "../journal/journal-store";
import { createKeys } from "../keys";
import { createSessionStore } from "../sessions/session-store";
import type { CreatedSession, SessionStore } from "../sessions/session-store";
import type { SessionTruth } from "../sessions/session-truth";
import { useFakeTime } from "./fake-time";
import { createMemoryLink } from "./memory-link";
import type { MemoryLink } from "./memory-link";
import { createMemoryRole } from "./memory-role";
import { createMemoryServer } from "./memory-server";
import type { MemoryDump, MemoryServer } from "./memory-server";
import { modelSteps, processes } from "./model-steps";
import type { ModelStep, TruthState } from "./model-steps";
import { createMemorySessionTruth } from "./memory-session-truth";
import type { MemorySessionTruth } from "./memory-session-truth";

/** From the answer that acknowledged a revocation until no process accepts the session; milliseconds. */
const boundMs = 1000;
/** A healthy process has told Redis by then; milliseconds. */
const drainedMs = 4000;
const staleMaxMs = 8000;
const minuteMs = 60_000;
const slowMs = 700;

/** How a process reaches the truth: cut off alone, it is away or silent for this process only. */
export class TruthLine {
  state: TruthState = "here";
  changedAt = -Infinity;
  private back: () => void = () => undefined;
  private waiting = Promise.resolve();

  get isReached(): boolean {
    return this.state === "here" || this.state === "slow";
  }

  become(to: TruthState): void {
    const wasReached = this.isReached;
    this.state = to;
    if (this.isReached !== wasReached) this.changedAt = Date.now();
    this.back();
    if (to === "hanging") this.waiting = new Promise((resolve) => (this.back = resolve));
  }

  /** As a driver would: two seconds of silence are a rejection. */
  async pass<T>(question: () => Promise<T>): Promise<T> {
    if (this.state === "hanging") {
      await Promise.race([this.waiting, new Promise((resolve) => setTimeout(resolve, 2000))]);
    }
    if (!this.isReached) throw new Error("the truth is away");
    const answer = await question();
    if (this.state === "slow") await new Promise((resolve) => setTimeout(resolve, slowMs));
    return answer;
  }

  wrap<O extends JournalStore | SessionTruth>(of: O): O {
    const entries = Object.entries(of).map(([name, method]) => [
      name,
      (...parameters: unknown[]) =>
        this.pass(() => (method as (...given: unknown[]) => Promise<unknown>)(...parameters)),
    ]);
    return Object.fromEntries(entries) as O;
  }
}

interface ModelProcess {
  readonly link: MemoryLink;
  readonly truth: TruthLine;
  readonly store: SessionStore;
  stop(): Promise<void>;
}

async function startProcess(server: MemoryServer, truth: MemorySessionTruth): Promise<ModelProcess> {
  const link = createMemoryLink(server);
  const role = createMemoryRole({ server: link });
  const line = new TruthLine();
  const keys = createKeys(parseRedisConfig({}));
  const watch = await keepTrust({ journal: line.wrap(truth.journal), roles: [role], keys, staleMaxMs });
  const store = createSessionStore({
    role,
    truth: line.wrap(truth),
    keys,
    trust: watch.of(role),
    ttlMs: 600 * minuteMs,
    maxAgeMs: 600 * minuteMs,
    staleMaxMs,
  });
  return {
    link,
    truth: line,
    store,
    async stop() {
      await watch.stop();
      await role.close();
    },
  };
}

interface KnownSession {
  readonly made: CreatedSession;
  /** acknowledged as ended; undefined: open, or nobody knows */
  endedAt?: number;
  /** a revocation is under way, or its answer was lost: it may have happened */
  isDoubtful?: boolean;
}

/**
 * Several processes with one Redis and one truth, everything may fail at any time.
 *
 * @throws when an ended session is accepted after the bound, or an open one denied
 */
async function runModel(timers: typeof jest, steps: readonly ModelStep[]): Promise<void> {
  const time = useFakeTime(timers);
  const server = createMemoryServer();
  const truth = createMemorySessionTruth();
  const all = await time.settle(
    Promise.all(Array.from({ length: processes }, () => startProcess(server, truth))),
  );
  const sessions: KnownSession[] = [];
  const beside: Promise<void>[] = [];
  let dump: MemoryDump = new Map();
  /** since when some process reaches both Redis and the truth without a break */
  let healthySince = Date.now();

  function at(of: number): ModelProcess {
    const found = all[of];
    if (found === undefined) throw new RangeError(`there is no process ${of}`);
    return found;
  }

  function noteHealth(): void {
    const isHealthy = all.some(({ link, truth: line }) => link.state === "up" && line.isReached);
    if (!isHealthy) healthySince = Infinity;
    else if (healthySince === Infinity) healthySince = Date.now();
  }

  async function find(of: number, known: KnownSession): Promise<void> {
    const { store, truth: line } = at(of);
    // Judged by what had been answered when it began.
    const { endedAt = Infinity } = known;
    const startedAt = Date.now();
    const sinceTruth = startedAt - line.changedAt;
    const { isReached } = line;
    const found = await time.settle(store.find(known.made.token));
    if (found.kind === "unavailable") {
      if (isReached && line.isReached && sinceTruth > boundMs)
        throw new Error(`process ${of} can't say, though the truth is there`);
      return;
    }
    if (found.value === undefined) {
      if (known.endedAt === undefined && known.isDoubtful !== true)
        throw new Error(`process ${of} denies an open session`);
      return;
    }
    if (startedAt - endedAt <= boundMs) return;
    // The exception: cut off from the truth, and nobody reaches both.
    const isCutOff = !isReached || sinceTruth <= boundMs;
    const couldBeTold = startedAt - Math.max(endedAt, healthySince) > drainedMs;
    const isTooLong = !isReached && sinceTruth > staleMaxMs + boundMs;
    if (!isCutOff || couldBeTold || isTooLong) {
      throw new Error(
        `process ${of} accepts a session ${startedAt - endedAt} ms after its end (${JSON.stringify({ isCutOff, couldBeTold, isTooLong })})`,
      );
    }
  }

  async function end(of: number, known: KnownSession): Promise<void> {
    known.isDoubtful = true;
    const ended = await time.settle(at(of).store.revoke(known.made.record.id, "ada")).then(
      () => true,
      () => false,
    );
    if (ended) known.endedAt ??= Date.now();
  }

  async function take(step: ModelStep): Promise<void> {
    switch (step.kind) {
      case "create": {
        const made = await time
          .settle(at(step.process).store.create({ userId: "ada", userEpoch: 1 }))
          .catch(() => undefined);
        if (made !== undefined) sessions.push({ made });
        return;
      }
      case "find":
      case "find-beside":
      case "revoke": {
        const known = sessions.at(step.index);
        if (known === undefined) return;
        const done = (step.kind === "revoke" ? end : find)(step.process, known);
        if (step.kind === "find-beside") beside.push(done);
        else await done;
        return;
      }
      case "link":
        if (step.to === "up") at(step.process).link.heal();
        else at(step.process).link.cut(step.to);
        return;
      case "truth":
        at(step.process).truth.become(step.to);
        return;
      case "server":
        server.become(step.to);
        return;
      case "dump":
        dump = server.dump();
        return;
      case "restore":
        server.become("down");
        await time.pass(10);
        server.restore(dump);
        server.become("up");
        return;
      case "flush":
        server.flushAll();
        return;
      case "wait":
        await time.pass(step.ms);
    }
  }

  try {
    for (const step of steps) {
      await take(step);
      noteHealth();
    }
    await time.settle(Promise.all(beside));
    for (const known of sessions) for (let of = 0; of < processes; of += 1) await find(of, known);
    // Everything back: within the bound nobody accepts what has ended, and everybody what hasn't.
    server.become("up");
    for (const { link, truth: line } of all) {
      link.heal();
      line.become("here");
    }
    await time.pass(boundMs + 50);
    for (const known of sessions) for (let of = 0; of < processes; of += 1) await find(of, known);
    await time.pass(drainedMs + staleMaxMs);
    noteHealth();
    if (truth.journal.open().length > 0) throw new Error("rows stay open though all is well");
    for (const known of sessions) for (let of = 0; of < processes; of += 1) await find(of, known);
  } finally {
    server.become("up");
    for (const { link, truth: line } of all) {
      link.heal();
      line.become("here");
    }
    await time.settle(Promise.allSettled(beside));
    await time.settle(Promise.all(all.map((one) => one.stop())));
    timers.useRealTimers();
  }
}

/**
 * Runs the model with that many lists of steps.
 *
 * @throws with the shortest list that fails, and the seed, which FC_SEED takes
 */
export async function holdsInModel(timers: typeof jest, numRuns: number): Promise<void> {
  const seed = Number(process.env["FC_SEED"] ?? Date.now() % 2 ** 31);
  const endOnFailure = process.env["FC_FAST"] !== undefined;
  await fc.assert(
    fc.asyncProperty(modelSteps, (steps) => runModel(timers, steps)),
    { seed, numRuns, endOnFailure },
  );
}
