import type { Clock } from "../clock";
import { notConfirmed } from "./belief";
import type { CacheFigures } from "./cache-figures";
import type { CacheAnswer, CacheRead, CacheSource } from "./cache-types";
import { createCaller } from "./caller";
import type { Caller } from "./caller";
import type { InvalidationNotes } from "./invalidation-notes";
import { defaultLoadWaitMs } from "./lease-waits";
import type { LeaseWaits } from "./lease-waits";
import type { Load, Loads } from "./loads";
import type { Found, LookUp } from "./look-up";
import type { MemoryReads, ReadBegin } from "./memory-reads";
import { createPatience } from "./redis-patience";
import type { RedisPatience } from "./redis-patience";
import type { Refreshes } from "./refreshes";
import { late, waitAtMost } from "./wait-at-most";

/** What reading through needs. */
export interface ReadThroughParts {
  readonly lookUp: LookUp;
  readonly loads: Loads;
  readonly refreshes: Refreshes;
  readonly notes: InvalidationNotes;
  readonly memory: MemoryReads;
  readonly leaseWaits: LeaseWaits;
  readonly figures: CacheFigures;
  readonly clock: Clock;
}

/** One look at Redis, and what this process knew when it began. */
interface Look<T> extends ReadBegin {
  readonly found: Found<T>;
  /** the load under way then */
  readonly before: Load<unknown> | undefined;
  readonly hadBegun: boolean;
}

/** Reads a value, or loads it. */
export type ReadThrough = <T>(name: string, source: CacheSource<T>) => Promise<CacheAnswer<T>>;

const noTags: readonly string[] = [];

/** Redis, the load under way, the source: in this order, and again while another process loads. */
export function createReadThrough(parts: ReadThroughParts): ReadThrough {
  const { lookUp, loads, refreshes, notes, memory, leaseWaits, figures, clock } = parts;

  return async function readThrough<T>(name: string, source: CacheSource<T>): Promise<CacheAnswer<T>> {
    const since = notes.now();
    const startedAt = performance.now();
    const readAtMs = clock();
    const before = loads.find(name);
    const hadBegun = before?.hasBegun ?? false;
    const { schema, tags = noTags } = source;
    // Most reads end here, so this stands apart from those that have to wait.
    const found = await lookUp({ name, schema, tags, lease: hadBegun });
    const look = { found, since, readAtMs, before, hadBegun };
    const given = answerCached(name, source, look);
    if (given === undefined) return load(createCaller(name, source, startedAt), source, look);
    if (figures.observed) tell(startedAt, { name, loadMs: 0, given });
    return given;
  };

  async function load<T>(caller: Caller<T>, source: CacheSource<T>, look: Look<T>): Promise<CacheAnswer<T>> {
    const { name, startedAt } = caller;
    let given: CacheAnswer<T> | undefined;
    try {
      given = await answer(caller, source, look);
      return given;
    } finally {
      if (figures.observed) tell(startedAt, { name, loadMs: caller.loadMs(), given });
    }
  }

  function tell(
    startedAt: number,
    { name, loadMs, given }: { name: string; loadMs: number; given: CacheAnswer<unknown> | undefined },
  ): void {
    const from: CacheRead["from"] = given?.from ?? "none";
    const read = { name, from, stale: given?.stale ?? false, loadMs };
    const fault = given?.fault;
    figures.tell(startedAt, fault === undefined ? read : { ...read, fault });
  }

  async function lookNow<T>(name: string, source: CacheSource<T>): Promise<Look<T>> {
    const since = notes.now();
    const readAtMs = clock();
    const before = loads.find(name);
    const hadBegun = before?.hasBegun ?? false;
    const { schema, tags = noTags } = source;
    const found = await lookUp({ name, schema, tags, lease: hadBegun });
    return { found, since, readAtMs, before, hadBegun };
  }

  async function answer<T>(
    caller: Caller<T>,
    source: CacheSource<T>,
    first: Look<T>,
  ): Promise<CacheAnswer<T>> {
    const { name } = caller;
    const { found } = first;
    const wait = leaseWaits.begin(name);
    const waitMs = source.loadWaitMs ?? defaultLoadWaitMs;
    const patience = createPatience(performance.now() - caller.startedAt);
    figures.read("none", found.kind === "value" ? "miss" : found.outcome);
    let outcome: "value" | "took-over" | "gave-up" = "gave-up";
    try {
      for (let look = first; ; look = await lookNow(name, source)) {
        const cached = look === first ? undefined : answerCached(name, source, look);
        if (cached !== undefined) {
          outcome = "value";
          return cached;
        }
        keepSpare(caller, source, look.found);
        const shared = findShared(name, source.tags ?? noTags, look);
        const { loaded } = shared ?? startLoad(name, source, { look, patience, force: wait.isLong(waitMs) });
        const given = await caller.wait(loaded as Promise<CacheAnswer<T> | undefined>);
        if (given?.from === "source") outcome = "took-over";
        const answered = given ?? (await caller.wait(wait.pause()));
        if (answered !== undefined) return countStale(answered);
      }
    } finally {
      wait.end(outcome);
    }
  }

  function startLoad<T>(
    name: string,
    source: CacheSource<T>,
    { look: { found, before }, patience, force }: { look: Look<T>; patience: RedisPatience; force: boolean },
  ): Load<T> {
    return loads.start(name, source, {
      patience,
      ...(found.kind === "away" ? { fault: found.fault } : { belief: found.belief }),
      force: force || isOurs(found, before),
      async isThere() {
        const { schema, tags = noTags } = source;
        const again = await patience.spend((deadlineMs) =>
          waitAtMost(lookUp({ name, schema, tags, isAgain: true }), deadlineMs),
        );
        if (again === late || again.kind === "away") figures.counts.faults += 1;
        return again !== late && again.kind === "value" && again.isFresh;
      },
    });
  }

  /** What may be the answer if the source fails: never what was invalidated. */
  function keepSpare<T>(caller: Caller<T>, source: CacheSource<T>, found: Found<T>): void {
    if (found.kind === "value" && clock() - found.envelope.f < (source.graceMs ?? 0)) {
      caller.keepSpare({ value: found.value, from: "redis" });
    } else if (found.kind === "away" && !caller.hasSpare) {
      const kept = memory.findStale(caller.name, source);
      if (kept !== undefined) caller.keepSpare({ value: kept.value, from: "memory" });
    }
  }

  function countStale<T>(given: CacheAnswer<T>): CacheAnswer<T> {
    if (given.stale) figures.read(given.from, "stale");
    return given;
  }

  /** undefined: there is none, or its time is over. */
  function answerCached<T>(
    name: string,
    source: CacheSource<T>,
    { found, since, readAtMs }: Look<T>,
  ): CacheAnswer<T> | undefined {
    if (found.kind !== "value") return undefined;
    const { value, belief, envelope } = found;
    const overdueMs = found.isFresh ? 0 : clock() - envelope.f;
    if (!found.isFresh && overdueMs >= (source.staleWhileRevalidateMs ?? 0)) return undefined;
    if (belief.kind === "unconfirmed") {
      figures.read("redis", "stale");
      return { kind: "degraded", value, from: "redis", stale: true, fault: notConfirmed() };
    }
    if (!found.isFresh) {
      figures.read("redis", "stale");
      refreshes.start(name, source, belief);
      return { kind: "ok", value, from: "redis", stale: true };
    }
    figures.read("redis", "hit");
    memory.keep(name, source, { found, since, readAtMs });
    if (source.refreshAhead !== undefined) {
      refreshes.startAhead(name, source, { storedAtMs: envelope.t, freshUntilMs: envelope.f, belief });
    }
    return { kind: "ok", value, from: "redis", stale: false };
  }

  /** The load under way, if what it reads can't be older than the question. */
  function findShared(
    name: string,
    tags: readonly string[],
    { found, before, hadBegun }: Look<unknown>,
  ): Load<unknown> | undefined {
    const current = loads.find(name);
    if (current === undefined || current !== before || !hadBegun) return current;
    if (found.kind === "away") return notes.isCurrent(current.since, name, tags) ? current : undefined;
    // Whoever has invalidated the value has ended its lease, or a tag's token.
    const { lease } = current;
    const isSame = isOurs(found, current) && tags.every((tag) => lease?.tokens[tag] === found.tokens[tag]);
    return isSame ? current : undefined;
  }
}

/** Does the lease of this process's load still stand? */
function isOurs(found: Found<unknown>, load: Load<unknown> | undefined): boolean {
  return found.kind !== "away" && load?.lease !== undefined && load.lease.token === found.lease;
}
