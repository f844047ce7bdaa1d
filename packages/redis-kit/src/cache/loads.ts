import type { Clock } from "../clock";
import { describeError } from "../errors";
import type { RedisFault } from "../errors";
import type { KitLogger } from "../logger";
import { askSource } from "./ask-source";
import type { SourceAnswer } from "./ask-source";
import type { Belief, Believer } from "./belief";
import type { CacheFigures } from "./cache-figures";
import type { CacheAnswer, CacheSource } from "./cache-types";
import { checkValue } from "./cache-value";
import type { InvalidationNotes } from "./invalidation-notes";
import type { Lease, Leases } from "./leases";
import { LoadTimeout } from "./load-errors";
import type { MemoryTier } from "./memory-tier";
import type { RedisPatience } from "./redis-patience";
import { createStorable } from "./storable";
import type { Storable } from "./storable";

/** How a load ended; undefined: another process is loading the value, or has just stored it. */
export type Loaded<T> = CacheAnswer<T> | undefined;

/** A load of this process. */
export interface Load<T> {
  /** What it reads is at least as new as this; of the notes. */
  readonly since: number;
  /** undefined while it is being taken, and for a load that will not store */
  readonly lease: Lease | undefined;
  /** Has it asked the source already? */
  readonly hasBegun: boolean;
  readonly loaded: Promise<Loaded<T>>;
}

/** Under what a load is begun. */
export interface LoadTerms {
  /** undefined: Redis is away or not believed, so nothing is stored */
  readonly belief?: Belief;
  readonly fault?: RedisFault;
  /** take the lease from whoever has it */
  readonly force?: boolean;
  /** Has another process stored the value between the look and the lease? Then there is nothing to load. */
  readonly isThere?: () => Promise<boolean>;
  readonly patience: RedisPatience;
}

/** What loading needs. */
export interface LoadsParts {
  readonly leases: Leases;
  readonly believer: Believer;
  readonly notes: InvalidationNotes;
  readonly memory: MemoryTier | undefined;
  readonly figures: CacheFigures;
  readonly clock: Clock;
  readonly logger: KitLogger;
  readonly ttlMs: number;
}

/** The loads of this process, at most one per name that may still be shared. */
export interface Loads {
  find(name: string): Load<unknown> | undefined;
  /** Replaces what was there: those who wait for it go on waiting for it. */
  start<T>(name: string, source: CacheSource<T>, terms: LoadTerms): Load<T>;
}

type Running = { -readonly [N in keyof Omit<Load<unknown>, "loaded">]: Load<unknown>[N] };

/** Takes the lease, asks the source, stores only while the lease stands. */
export function createLoads(parts: LoadsParts): Loads {
  const { leases, believer, notes, memory, figures, clock, logger } = parts;
  const running = new Map<string, Load<unknown>>();

  async function run<T>(
    load: Running,
    { name, source }: { name: string; source: CacheSource<T> },
    terms: LoadTerms,
  ): Promise<Loaded<T>> {
    let { fault } = terms;
    if (terms.belief !== undefined) {
      const taken = await terms.patience.spend((deadlineMs) =>
        leases.acquire(name, source.tags ?? [], { force: terms.force ?? false, deadlineMs }),
      );
      if (taken.kind === "unavailable") {
        fault = taken.fault;
        figures.counts.faults += 1;
      } else if (taken.value === undefined) {
        return undefined;
      } else {
        load.lease = taken.value;
        if ((await terms.isThere?.()) === true) {
          leases.release(taken.value);
          return undefined;
        }
      }
    }
    load.since = notes.now();
    load.hasBegun = true;
    const readAtMs = clock();
    const answer = await ask(load, name, source);
    await keep({ load, name, source, terms }, { ...answer, readAtMs });
    const { value } = answer;
    return fault === undefined
      ? { kind: "ok", value, from: "source", stale: false }
      : { kind: "degraded", value, from: "source", stale: false, fault };
  }

  async function ask<T>(load: Running, name: string, source: CacheSource<T>): Promise<SourceAnswer<T>> {
    const { lease } = load;
    const stopKeeping = lease === undefined ? undefined : leases.keep(lease);
    const startedAt = performance.now();
    let outcome = "ok";
    figures.counts.loads += 1;
    try {
      return await askSource(name, (context) => source.load(context), source.hardDeadlineMs);
    } catch (error) {
      outcome = error instanceof LoadTimeout ? "timeout" : "failed";
      if (lease !== undefined) leases.release(lease);
      throw error;
    } finally {
      stopKeeping?.();
      figures.metrics.count("redis_cache_loads_total", { outcome });
      const seconds = (performance.now() - startedAt) / 1000;
      figures.metrics.observe("redis_cache_load_duration_seconds", { outcome }, seconds);
    }
  }

  /** Puts it where the next one finds it, if it may still be found. */
  async function keep<T>(
    { load, name, source, terms }: { load: Running; name: string; source: CacheSource<T>; terms: LoadTerms },
    answer: SourceAnswer<T> & { readonly readAtMs: number },
  ): Promise<void> {
    const tags = source.tags ?? [];
    const storable = prepare(name, source, answer);
    const { lease } = load;
    const { belief } = terms;
    /** With Redis only what it has taken. */
    let mayReuse = lease === undefined && believer.mayReuse();
    if (lease !== undefined && belief !== undefined) {
      if (storable === undefined || !believer.stillBelieves(belief, name, tags)) leases.release(lease);
      else mayReuse = await store({ lease, belief, storable, patience: terms.patience });
    } else if (!notes.isCurrent(load.since, name, tags)) {
      overtaken();
    }
    if (!mayReuse || memory === undefined || source.memory === false || storable === undefined) return;
    const copy = checkValue<T>(
      storable.text === undefined ? undefined : JSON.parse(storable.text),
      source.schema,
    );
    if (!copy.ok) return;
    memory.put(name, {
      value: copy.value,
      schema: source.schema,
      tags,
      carried: tags,
      length: storable.text?.length ?? 0,
      since: load.since,
      readAtMs: answer.readAtMs,
      storedAtMs: clock(),
      freshUntilMs: clock() + storable.freshMs,
      epoch: believer.epoch(),
    });
  }

  function prepare<T>(
    name: string,
    source: CacheSource<T>,
    { value, ttlMs }: SourceAnswer<T>,
  ): Storable | undefined {
    try {
      return createStorable(value, source, { ttlMs, defaultTtlMs: parts.ttlMs });
    } catch (error) {
      logger.error("a loaded value can't be cached", { name, error: describeError(error) });
      return undefined;
    }
  }

  /** @returns whether Redis has taken it */
  async function store(what: {
    readonly lease: Lease;
    readonly belief: Belief;
    readonly storable: Storable;
    readonly patience: RedisPatience;
  }): Promise<boolean> {
    const { lease, belief, storable, patience } = what;
    const text = storable.format({ epoch: belief.epoch, nowMs: clock(), tokens: lease.tokens });
    const stored = await patience.spend((deadlineMs) =>
      leases.store(lease, { text, ttlMs: storable.lifeMs }, deadlineMs),
    );
    if (stored.kind === "unavailable") {
      figures.counts.faults += 1;
      leases.release(lease);
      return false;
    }
    if (!stored.value) overtaken();
    return stored.value;
  }

  function overtaken(): void {
    figures.counts.overtaken += 1;
    figures.metrics.count("redis_cache_loads_total", { outcome: "not-stored" });
  }

  return {
    find: (name) => running.get(name),
    start<T>(name: string, source: CacheSource<T>, terms: LoadTerms): Load<T> {
      const state: Running = { since: notes.now(), lease: undefined, hasBegun: false };
      const loaded = run(state, { name, source }, terms).finally(() => {
        if (running.get(name) === load) running.delete(name);
      });
      // Those who wait hear of it; a load behind an answer fails for nobody.
      loaded.catch(() => undefined);
      const load: Load<T> = Object.assign(state, { loaded });
      running.set(name, load);
      return load;
    },
  };
}
