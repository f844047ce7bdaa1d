import type { Clock } from "../clock";
import type { RedisRole } from "../connection/redis-role";
import { withoutRedisBudget } from "../degradation/budget";
import { RedisFault, describeError } from "../errors";
import type { RedisTrust } from "../journal/trust";
import type { KitLogger } from "../logger";
import type { KitMetrics } from "../metrics";
import { ok } from "../outcome";
import type { Outcome } from "../outcome";
import type { SessionRecord } from "./session-record";
import type { FoundSession, SessionValues, StoredSession } from "./session-values";
import type { TruthOutage } from "./truth-outage";

/** A use is written down at most once in this time; milliseconds. */
const touchEveryMs = 60_000;

/** What finding sessions needs. */
export interface FindSessionOptions {
  readonly role: RedisRole;
  readonly values: SessionValues;
  readonly truth: TruthOutage;
  readonly trust: RedisTrust;
  readonly clock: Clock;
  readonly logger: KitLogger;
  readonly metrics: KitMetrics;
  /** milliseconds */
  readonly ttlMs: number;
  readonly staleMaxMs: number;
}

/** Finds a session by its hash; see SessionStore's `find`. */
export function createFindSession(options: FindSessionOptions) {
  const { role, values, truth, trust, clock, logger, metrics, ttlMs, staleMaxMs } = options;
  const touching = new Set<string>();

  /** Moves the idle limit in both stores, in the background: nobody waits for it, and losing it costs a minute. */
  function touch(hash: string, record: SessionRecord, stored?: StoredSession): void {
    void withoutRedisBudget(() => noteUse(hash, record, stored));
  }

  async function noteUse(hash: string, record: SessionRecord, stored?: StoredSession): Promise<void> {
    const nowMs = clock();
    if (nowMs - record.lastSeenAt < touchEveryMs || touching.has(hash)) return;
    touching.add(hash);
    const idleExpiresAt = Math.min(nowMs + ttlMs, record.absoluteExpiresAt);
    const next = { ...record, lastSeenAt: nowMs, idleExpiresAt };
    try {
      if (stored !== undefined) await values.replace(hash, stored, { record: next, nowMs });
      await truth.ask((sessions) => sessions.touch(hash, nowMs, idleExpiresAt));
    } catch (error) {
      logger.debug("a session's use could not be noted", {
        sessionId: record.id,
        error: describeError(error),
      });
    } finally {
      touching.delete(hash);
    }
  }

  /** Judged after Redis has answered: what was learned meanwhile counts. */
  function isBelieved(hash: string, session: StoredSession): boolean {
    if (trust.concerns({ hashes: [hash] })) return false;
    const verdict = trust.verdict();
    if (verdict.kind === "untrusted" || verdict.epoch !== session.epoch) return false;
    if (truth.awayMs() > staleMaxMs) return false;
    // A Redis that takes no writes can't have been told of an end, and the truth, which knows, isn't there.
    if (verdict.kind === "unconfirmed" && role.health.status().mode === "degraded") return false;
    // Expired by this clock but still in Redis: clocks differ, and the truth has the right one.
    return clock() < Math.min(session.record.idleExpiresAt, session.record.absoluteExpiresAt);
  }

  function count(source: "redis" | "truth" | "none", outcome: "found" | "absent" | "unavailable"): void {
    metrics.count("redis_session_finds_total", { source, outcome });
  }

  async function askTruth(hash: string, fault?: RedisFault): Promise<Outcome<SessionRecord | undefined>> {
    try {
      const record = await truth.ask((sessions) => sessions.find(hash));
      count("truth", record === undefined ? "absent" : "found");
      return fault === undefined ? ok(record) : { kind: "degraded", value: record, fault };
    } catch (error) {
      count("none", "unavailable");
      const message = `neither Redis nor the session truth could be asked: ${describeError(error)}`;
      return { kind: "unavailable", fault: fault ?? new RedisFault("failed", message, { cause: error }) };
    }
  }

  /** Redis answered, but not with a session to be believed: asks the truth, and puts its answer there. */
  async function restore(hash: string, found: FoundSession): Promise<Outcome<SessionRecord | undefined>> {
    // Both from before the question: what happens while it is under way makes the answer too old for Redis.
    const verdict = trust.verdict();
    const isOfNow = "epoch" in verdict && verdict.epoch === found.session?.epoch;
    const canPut = verdict.kind === "trusted" && !found.isHeld && !isOfNow;
    const reserved = canPut ? await values.reserve(hash, found.text) : undefined;
    const answer = await askTruth(hash);
    if (answer.kind === "unavailable" || answer.value === undefined) return answer;
    const record = answer.value;
    touch(hash, record, isOfNow ? found.session : undefined);
    if (canPut && reserved?.kind === "ok" && reserved.value !== undefined) {
      const reservation = reserved.value;
      const put = { record, epoch: verdict.epoch, nowMs: clock(), reservation };
      void withoutRedisBudget(() => values.put(hash, put));
    }
    return answer;
  }

  async function findInTruth(hash: string, fault?: RedisFault): Promise<Outcome<SessionRecord | undefined>> {
    const answer = await askTruth(hash, fault);
    if (answer.kind !== "unavailable" && answer.value !== undefined) touch(hash, answer.value);
    return answer;
  }

  /** Why Redis isn't asked, if it is to blame. */
  function roleFault(): RedisFault | undefined {
    const { mode, reason = "unreachable" } = role.health.status();
    if (mode === "degraded") return new RedisFault(reason, `redis ${role.role} is degraded: ${reason}`);
    return role.identity() === undefined ? new RedisFault("unreachable", "no server is known") : undefined;
  }

  return async function findSession(hash: string): Promise<Outcome<SessionRecord | undefined>> {
    if (trust.verdict().kind === "untrusted" || trust.concerns({ hashes: [hash] })) {
      return findInTruth(hash, roleFault());
    }
    const found = await values.find(hash);
    if (found.kind === "unavailable") return findInTruth(hash, found.fault);
    const { session } = found.value;
    if (session === undefined || !isBelieved(hash, session)) return restore(hash, found.value);
    touch(hash, session.record, session);
    count("redis", "found");
    return ok(session.record);
  };
}
