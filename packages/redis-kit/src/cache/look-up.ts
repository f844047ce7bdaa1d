import type { ZodType } from "zod";
import type { Clock } from "../clock";
import { RedisFault } from "../errors";
import type { RedisKeys } from "../keys";
import type { KitLogger } from "../logger";
import { ok } from "../outcome";
import type { Guarded } from "../outcome";
import type { Belief, Believer } from "./belief";
import type { CacheTally } from "./cache-counts";
import { isFresh, parseEnvelope } from "./cache-envelope";
import type { CacheEnvelope, TagTokens } from "./cache-envelope";
import { checkValue } from "./cache-value";
import type { ReadValue } from "./cache-value";
import type { CoalescedReads, ReadText } from "./coalesced-reads";
import { toTokens } from "./leases";
import { late, waitAtMost } from "./wait-at-most";

/** The value and, where nobody named its tags, those after it; milliseconds. */
const bothReadsMs = 190;

/** What Redis has for a name. */
export type Found<T> =
  | FoundValue<T>
  | ({ readonly kind: "miss"; readonly belief: Belief; readonly outcome: "miss" | "untrusted" } & Standing)
  /** Redis failed us, or must not be believed: nothing can be stored either */
  | { readonly kind: "away"; readonly fault: RedisFault; readonly outcome: "untrusted" | "fault" };

/** A value of its schema, of this epoch and with its tags as they are; its time may be over. */
export interface FoundValue<T> extends Standing {
  readonly kind: "value";
  readonly value: T;
  readonly envelope: CacheEnvelope;
  readonly belief: Belief;
  readonly isFresh: boolean;
  /** characters of what Redis holds */
  readonly length: number;
}

/** Under what a value could be stored now. */
export interface Standing {
  /** the token of whoever loads the value now; undefined also when it was not asked for */
  readonly lease: string | undefined;
  readonly tokens: TagTokens;
}

/** What to look for. */
export interface Wanted<T> {
  readonly name: string;
  readonly schema: ZodType<T>;
  /** Those the value has to carry; it may carry more. */
  readonly tags: readonly string[];
  /** Also look who loads it. */
  readonly lease?: boolean;
  /** It was looked for before: what is odd about it has been said. */
  readonly isAgain?: boolean;
}

/** Asks Redis for values. */
export type LookUp = <T>(wanted: Wanted<T>) => Promise<Found<T>>;

/** What looking up needs. */
export interface LookUpParts {
  readonly reads: CoalescedReads;
  readonly believer: Believer;
  readonly keys: RedisKeys;
  readonly counts: Pick<CacheTally, "corrupt">;
  readonly clock: Clock;
  readonly logger: KitLogger;
}

/** One round trip for the value, its tags' tokens and its lease; another one only for tags that nobody named. */
export function createLookUp({ reads, believer, keys, counts, clock, logger }: LookUpParts): LookUp {
  function away<T>(): Found<T> {
    const fault = believer.whyNot();
    return { kind: "away", fault, outcome: fault.code === "failed" ? "untrusted" : "fault" };
  }

  function failed<T>(fault: RedisFault): Found<T> {
    return { kind: "away", fault, outcome: "fault" };
  }

  function corrupt<T>({ name, isAgain = false }: Wanted<T>, miss: () => Found<T>): Found<T> {
    if (isAgain) return miss();
    counts.corrupt += 1;
    logger.warn("a cached value is not of its schema and counts as missing", { name });
    return miss();
  }

  async function readTags(tags: readonly string[], spentMs: number): Promise<Guarded<readonly ReadText[]>> {
    const read = await waitAtMost(reads.read(tags.map(keys.cacheTag)), bothReadsMs - spentMs);
    if (read !== late) return read;
    return {
      kind: "unavailable",
      fault: new RedisFault("timeout", "redis answers too slowly for two questions"),
    };
  }

  return async function lookUp<T>(asked: Wanted<T>): Promise<Found<T>> {
    const { name, schema, tags, lease = false } = asked;
    const belief = believer.believe(name, tags);
    if (belief === undefined) return away();
    const wanted = [keys.cache(name), ...tags.map(keys.cacheTag), ...(lease ? [keys.cacheLease(name)] : [])];
    const startedAt = performance.now();
    const answer = await reads.read(wanted);
    if (answer.kind === "unavailable") return failed(answer.fault);
    const [read, ...others] = answer.value;
    const texts = others.map((other) => other.text);
    const standing = { lease: lease ? texts.at(-1) : undefined, tokens: toTokens(tags, texts) };
    const miss = (outcome: "miss" | "untrusted" = "miss"): Found<T> => {
      return { kind: "miss", outcome, belief, ...standing };
    };

    const made = read === undefined ? undefined : interpret(read, schema);
    const unnamed = Object.keys(made?.envelope.g ?? {}).filter((tag) => !tags.includes(tag));
    const more = unnamed.length === 0 ? ok([]) : await readTags(unnamed, performance.now() - startedAt);
    if (more.kind === "unavailable") return failed(more.fault);
    const all = [...tags, ...unnamed];
    // Only now: what was believed when it was sent need not be when it was read.
    if (!believer.stillBelieves(belief, name, all)) return away();
    if (read?.text === undefined) return miss();
    if (made === undefined) return corrupt(asked, miss);
    const { envelope } = made;
    if (envelope.e !== belief.epoch) return miss("untrusted");
    const current = [...texts.slice(0, tags.length), ...more.value.map((token) => token.text)];
    if (!all.every((tag, place) => isSame(envelope.g?.[tag], current[place]))) return miss();
    if (!made.read.ok) return corrupt(asked, miss);
    return {
      kind: "value",
      ...standing,
      value: made.read.value,
      envelope,
      belief,
      isFresh: isFresh(envelope, clock()),
      length: read.text.length,
    };
  };
}

/** No token at all never matches. */
function isSame(stored: string | undefined, current: string | undefined): boolean {
  return stored !== undefined && stored === current;
}

interface Made<T> {
  readonly schema: ZodType<T>;
  readonly envelope: CacheEnvelope;
  readonly read: ReadValue<T>;
}

/** Everybody of one batch who asks for the same value with the same schema shares what it was parsed to. */
function interpret<T>(read: ReadText, schema: ZodType<T>): Made<T> | undefined {
  if (read.text === undefined) return undefined;
  const known = read.made as Made<T> | undefined;
  if (known !== undefined && known.schema === schema) return known;
  const envelope = parseEnvelope(read.text);
  if (envelope === undefined) return undefined;
  const made: Made<T> = { schema, envelope, read: checkValue(envelope.v, schema) };
  read.made = made;
  return made;
}
