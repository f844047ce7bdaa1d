import type { ZodType } from "zod";
import type { Clock } from "../clock";
import type { RedisFault } from "../errors";
import { ok } from "../outcome";
import type { Guarded } from "../outcome";
import { askSource } from "./ask-source";
import { sourceFailed } from "./belief";
import type { Belief } from "./belief";
import type { BulkLeases } from "./bulk-leases";
import type { CacheFigures } from "./cache-figures";
import type { ManyAnswer, ManySource } from "./cache-types";
import type { InvalidationNotes } from "./invalidation-notes";
import { defaultLoadWaitMs } from "./lease-waits";
import type { LeaseWaits } from "./lease-waits";
import type { Lease, Leases } from "./leases";
import type { Found, LookUp } from "./look-up";
import { createSingleFlight } from "./single-flight";
import { createStorable } from "./storable";

/** What reading several needs. */
export interface CacheManyParts {
  readonly lookUp: LookUp;
  readonly bulk: BulkLeases;
  readonly leases: Leases;
  readonly leaseWaits: LeaseWaits;
  readonly notes: InvalidationNotes;
  readonly figures: CacheFigures;
  readonly clock: Clock;
  readonly ttlMs: number;
}

/** Several values at once: all reads are one MGET, all that is missing is one load. */
export interface CacheMany {
  getMany<T>(
    names: readonly string[],
    schema: ZodType<T>,
    options?: { readonly tags?: readonly string[] },
  ): Promise<Guarded<ReadonlyMap<string, T>>>;
  loadMany<T>(names: readonly string[], source: ManySource<T>): Promise<ManyAnswer<T>>;
}

/** What a round of looking has brought. */
interface Round<T> {
  readonly values: Map<string, T>;
  /** past their time, within their grace */
  readonly spare: Map<string, T>;
  readonly missing: Map<string, Belief>;
  readonly away: readonly string[];
  readonly fault: RedisFault | undefined;
}

export function createCacheMany(parts: CacheManyParts): CacheMany {
  const { lookUp, bulk, leases, leaseWaits, notes, figures, clock } = parts;
  const flights = createSingleFlight();

  async function look<T>(
    names: readonly string[],
    source: Omit<ManySource<T>, "loadMissing">,
  ): Promise<Round<T>> {
    const { schema, tags = [], graceMs = 0 } = source;
    const round = {
      values: new Map<string, T>(),
      spare: new Map<string, T>(),
      missing: new Map<string, Belief>(),
    };
    const away: string[] = [];
    let fault: RedisFault | undefined;
    const unique = [...new Set(names)];
    const found = await Promise.all(unique.map((name) => lookUp({ name, schema, tags })));
    unique.forEach((name, place) => {
      const one = found[place] as Found<T>;
      if (one.kind === "away") {
        away.push(name);
        fault = one.fault;
      } else if (one.kind === "value" && one.isFresh) {
        round.values.set(name, one.value);
      } else {
        round.missing.set(name, one.belief);
        if (one.kind === "value" && clock() < one.envelope.f + graceMs) round.spare.set(name, one.value);
      }
    });
    return { ...round, away, fault };
  }

  function count({ values, missing, away }: Round<unknown>): void {
    for (let hit = 0; hit < values.size; hit += 1) figures.read("redis", "hit");
    for (let miss = 0; miss < missing.size; miss += 1) figures.read("none", "miss");
    for (let fault = 0; fault < away.length; fault += 1) figures.read("none", "fault");
  }

  /** One call for those whose leases are ours, and what they gave is stored. */
  async function loadLeased<T>(
    mine: ReadonlyMap<Lease, Belief>,
    source: ManySource<T>,
    round: Round<T>,
  ): Promise<void> {
    const held = [...mine.keys()];
    const stops = held.map((lease) => leases.keep(lease));
    let loaded: ReadonlyMap<string, T>;
    let ttlMs: number | undefined;
    try {
      const answer = await ask(
        held.map(({ name }) => name),
        source,
      );
      loaded = answer.value;
      ttlMs = answer.ttlMs;
    } catch (error) {
      for (const lease of held) leases.release(lease);
      throw error;
    } finally {
      for (const stop of stops) stop();
    }
    const leased = [...mine].flatMap(([lease, belief]) => {
      const value = loaded.get(lease.name);
      const storable =
        value === undefined ? undefined : createStorable(value, source, { ttlMs, defaultTtlMs: parts.ttlMs });
      if (value !== undefined) round.values.set(lease.name, value);
      if (storable === undefined) {
        leases.release(lease);
        return [];
      }
      const text = storable.format({ epoch: belief.epoch, nowMs: clock(), tokens: lease.tokens });
      return [{ lease, text, ttlMs: storable.lifeMs }];
    });
    for (const stored of await bulk.store(leased)) {
      if (stored.kind === "unavailable") figures.counts.faults += 1;
      else if (!stored.value) figures.counts.overtaken += 1;
    }
  }

  function ask<T>(names: readonly string[], source: ManySource<T>) {
    figures.counts.loads += 1;
    const load = (context: Parameters<typeof source.loadMissing>[1]) => source.loadMissing(names, context);
    return askSource(names.join(" "), load, source.hardDeadlineMs);
  }

  /** Without Redis the same question is asked once at a time, but for one that was asked before an invalidation. */
  async function loadUnstored<T>(
    names: readonly string[],
    source: ManySource<T>,
    round: Round<T>,
  ): Promise<void> {
    const key = JSON.stringify([notes.now(), ...names]);
    const { value } = await flights.run(key, () => ask(names, source));
    for (const [name, one] of value) round.values.set(name, one);
  }

  /** @returns who is still missing, because other processes load it */
  async function loadRound<T>(
    round: Round<T>,
    { source, force }: { source: ManySource<T>; force: boolean },
  ): Promise<{ left: string[]; fault?: RedisFault }> {
    const wanted = [...round.missing.keys()].map((name) => ({ name, tags: source.tags ?? [] }));
    const taken = await bulk.acquire(wanted, { force });
    const mine = new Map<Lease, Belief>();
    const left: string[] = [];
    const unstored = [...round.away];
    let { fault } = round;
    wanted.forEach(({ name }, place) => {
      const lease = taken[place];
      const belief = round.missing.get(name);
      if (lease?.kind === "unavailable") {
        unstored.push(name);
        fault = lease.fault;
      } else if (lease?.value === undefined || belief === undefined) {
        left.push(name);
      } else {
        mine.set(lease.value, belief);
      }
    });
    await Promise.all([
      ...(mine.size > 0 ? [loadLeased(mine, source, round)] : []),
      ...(unstored.length > 0 ? [loadUnstored(unstored, source, round)] : []),
    ]);
    return fault === undefined ? { left } : { left, fault };
  }

  return {
    async getMany(names, schema, options = {}) {
      const round = await look(names, { schema, ...options });
      count(round);
      return round.fault === undefined || round.values.size + round.missing.size > 0
        ? ok(round.values)
        : { kind: "unavailable", fault: round.fault };
    },

    async loadMany<T>(names: readonly string[], source: ManySource<T>): Promise<ManyAnswer<T>> {
      const values = new Map<string, T>();
      const wait = leaseWaits.begin(names[0] ?? "");
      let fault: RedisFault | undefined;
      const waitMs = source.loadWaitMs ?? defaultLoadWaitMs;
      let outcome: "value" | "gave-up" = "gave-up";
      try {
        for (let open = names; open.length > 0;) {
          const round = await look(open, source);
          if (wait.isFirst()) count(round);
          try {
            const done = await loadRound(round, { source, force: wait.isLong(waitMs) });
            fault ??= done.fault;
            open = done.left;
          } catch (error) {
            if (!open.every((name) => round.values.has(name) || round.spare.has(name))) throw error;
            for (const [name, value] of round.spare) round.values.set(name, value);
            fault = sourceFailed(error);
            open = [];
          }
          for (const [name, value] of round.values) values.set(name, value);
          if (open.length > 0) await wait.pause();
        }
        outcome = "value";
      } finally {
        wait.end(outcome);
      }
      return fault === undefined ? { kind: "ok", value: values } : { kind: "degraded", value: values, fault };
    },
  };
}
