import type { Clock } from "../clock";
import { notConfirmed } from "./belief";
import type { CacheFigures } from "./cache-figures";
import type { CacheAnswer, CacheSource } from "./cache-types";
import { createCaller } from "./caller";
import type { Caller } from "./caller";
import type { InvalidationNotes } from "./invalidation-notes";
import type { LeaseWaits } from "./lease-waits";
import type { Load, Loads } from "./loads";
import type { Found, FoundValue, LookUp } from "./look-up";
import type { MemoryReads, ReadBegin } from "./memory-reads";
import { createPatience } from "./redis-patience";
import type { Refreshes } from "./refreshes";

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

/** A load that was under way when a caller asked. */
interface Before {
  readonly load: Load<unknown> | undefined;
  readonly hadBegun: boolean;
}

/** Reads a value, or loads it. */
export type ReadThrough = <T>(name: string, source: CacheSource<T>) => Promise<CacheAnswer<T>>;

/** Redis, the load under way, the source: in this order, and again while another process loads. */
export function createReadThrough(parts: ReadThroughParts): ReadThrough {
  const { lookUp, loads, refreshes, notes, memory, leaseWaits, figures, clock } = parts;

  return async function readThrough<T>(name: string, source: CacheSource<T>): Promise<CacheAnswer<T>> {
    const caller = createCaller(name, source);
    if (!figures.observed) return answer(caller, source);
    let told: Pick<CacheAnswer<T>, "fault" | "stale"> & { from: CacheAnswer<T>["from"] | "none" } = {
      from: "none",
      stale: false,
    };
    try {
      const given = await answer(caller, source);
      told = given;
      return given;
    } finally {
      const { from, stale, fault } = told;
      const read = { name: caller.name, from, stale, loadMs: caller.loadMs() };
      figures.tell(caller.startedAt, fault === undefined ? read : { ...read, fault });
    }
  };

  async function answer<T>(caller: Caller<T>, source: CacheSource<T>): Promise<CacheAnswer<T>> {
    const { name } = caller;
    const tags = source.tags ?? [];
    const wait = leaseWaits.begin(name);
    for (;;) {
      const patience = createPatience();
      const begin = { since: notes.now(), readAtMs: clock() };
      const load = loads.find(name);
      const before = { load, hadBegun: load?.hasBegun ?? false };
      const found = await patience.spend(() =>
        lookUp({ name, schema: source.schema, tags, lease: before.hadBegun }),
      );
      const cached =
        found.kind === "value" ? answerCached(caller, source, { ...found, ...begin }) : undefined;
      if (cached !== undefined) {
        wait.end("value");
        return cached;
      }
      if (wait.isFirst()) figures.read("none", found.kind === "value" ? "miss" : found.outcome);
      if (found.kind === "away" && !caller.hasSpare) {
        const kept = memory.findStale(name, source);
        if (kept !== undefined) caller.keepSpare({ value: kept.value, from: "memory" });
      }
      const { loaded } =
        findShared(name, tags, { found, before }) ??
        loads.start(name, source, {
          patience,
          ...(found.kind === "away" ? { fault: found.fault } : { belief: found.belief }),
          force: isOurs(found, before.load),
        });
      const given = await caller.wait(loaded as Promise<CacheAnswer<T> | undefined>);
      if (given !== undefined) {
        wait.end(given.from === "source" ? "took-over" : "gave-up");
        return countStale(given);
      }
      const paused = await caller.wait(wait.pause());
      if (paused !== undefined) {
        wait.end("gave-up");
        return countStale(paused);
      }
    }
  }

  function countStale<T>(given: CacheAnswer<T>): CacheAnswer<T> {
    if (given.stale) figures.read(given.from, "stale");
    return given;
  }

  /** undefined: its time is over; but it may be the answer if the source fails. */
  function answerCached<T>(
    caller: Caller<T>,
    source: CacheSource<T>,
    found: FoundValue<T> & ReadBegin,
  ): CacheAnswer<T> | undefined {
    const { name } = caller;
    const { value, belief, envelope } = found;
    const overdueMs = found.isFresh ? 0 : clock() - envelope.f;
    const mayRevalidate = overdueMs < (source.staleWhileRevalidateMs ?? 0);
    if (!found.isFresh && !mayRevalidate) {
      if (overdueMs < (source.graceMs ?? 0)) caller.keepSpare({ value, from: "redis" });
      return undefined;
    }
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
    memory.keep(name, source, found);
    refreshes.startAhead(name, source, { storedAtMs: envelope.t, freshUntilMs: envelope.f, belief });
    return { kind: "ok", value, from: "redis", stale: false };
  }

  /** The load under way, if what it reads can't be older than the question. */
  function findShared(
    name: string,
    tags: readonly string[],
    { found, before }: { readonly found: Found<unknown>; readonly before: Before },
  ): Load<unknown> | undefined {
    const current = loads.find(name);
    if (current === undefined || current !== before.load || !before.hadBegun) return current;
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
