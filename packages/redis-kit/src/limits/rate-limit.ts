import { createHash } from "node:crypto";
import { RateLimiterRedis } from "rate-limiter-flexible";
import type { RateLimiterRes } from "rate-limiter-flexible";
import type { RedisRole } from "../connection/redis-role";
import { waitUntilReady } from "../connection/wait-until-ready";
import { RedisFault } from "../errors";
import type { RedisKeys } from "../keys";
import { noMetrics } from "../metrics";
import type { KitMetrics } from "../metrics";
import type { Guarded } from "../outcome";
import { createInsuranceLimit, orRefusal } from "./insurance-limit";
import { openLimitClient } from "./limit-client";

const longestWindowMs = 7 * 24 * 3600 * 1000;

/** What a limit is made of. */
export interface RateLimitOptions {
  readonly role: RedisRole;
  readonly keys: RedisKeys;
  /** names the limit in keys and figures, as "sign-in" */
  readonly name: string;
  /** how many a subject has in each window */
  readonly points: number;
  /** milliseconds, whole seconds, at most a week; a window begins with its first use */
  readonly durationMs: number;
  /** what one process allows while Redis can't say; default: half of `points` in the same window */
  readonly insurance?: { readonly points: number; readonly durationMs?: number };
  /** milliseconds Redis has to answer; default 150 */
  readonly deadlineMs?: number;
  readonly metrics?: KitMetrics;
}

/** What a limit says, enough for RateLimit and Retry-After headers. */
export interface RateDecision {
  readonly allowed: boolean;
  /** points of a window, by whoever decided */
  readonly limit: number;
  readonly remaining: number;
  /** milliseconds until the window ends */
  readonly resetMs: number;
  /** "insurance": Redis could not say, this process's own stricter count did */
  readonly by: "redis" | "insurance";
}

/** A limit that never fails off: without Redis each process counts by itself, and more strictly. */
export interface RateLimit {
  /**
   * Takes `points` (default 1) from a subject, refused ones too. Never rejects for Redis' sake and never
   * takes longer than the deadline; one that timed out may still be counted.
   *
   * @param subject an address, a user id; only its hash goes to Redis
   */
  consume(subject: string, points?: number): Promise<RateDecision>;
  /** Gives the subject a fresh window, as after the right password. @returns whether Redis knows it too */
  reset(subject: string): Promise<Guarded<void>>;
}

/** @throws {RangeError} a window that isn't whole seconds, or an insurance that isn't stricter */
export function createRateLimit(options: RateLimitOptions): RateLimit {
  const { role, keys, name, points, durationMs, deadlineMs = 150, metrics = noMetrics } = options;
  const insured = { points: Math.max(1, Math.floor(points / 2)), durationMs, ...options.insurance };
  assertLimit(options, insured);
  const insurance = createInsuranceLimit(insured.points, insured.durationMs);
  const client = openLimitClient(role);
  // The library's own insurance waits for an error, which a frozen Redis never gives: the guard decides.
  const redis =
    client === undefined
      ? undefined
      : new RateLimiterRedis({ storeClient: client, points, duration: durationMs / 1000, keyPrefix: "" });

  async function ask<T>(
    operation: string,
    key: string,
    question: (limiter: RateLimiterRedis) => Promise<T>,
  ): Promise<Guarded<T>> {
    if (redis === undefined || client === undefined) return unavailable("disabled", "Redis is switched off");
    if (role.health.status().mode === "degraded") return unavailable("unreachable", "the role is degraded");
    const startedAt = performance.now();
    // While this connection is being made anew the role may be well: failing here doesn't count against it.
    if (!(await waitUntilReady(client, deadlineMs))) return unavailable("unreachable", "not connected yet");
    const leftMs = Math.max(20, Math.round(deadlineMs - (performance.now() - startedAt)));
    return role.guard.run({ name: operation, deadlineMs: leftMs }, key, () => question(redis));
  }

  function decide(limit: number, answer: RateLimiterRes, by: RateDecision["by"]): RateDecision {
    const allowed = answer.consumedPoints <= limit;
    metrics.count("redis_limit_decisions_total", {
      limit: name,
      decision: allowed ? "allowed" : "refused",
      by,
    });
    return {
      allowed,
      limit,
      remaining: Math.max(0, limit - answer.consumedPoints),
      resetMs: Math.max(0, answer.msBeforeNext),
      by,
    };
  }

  const keyOf = (id: string) => keys.limit(`${name}_${id}`);

  return {
    async consume(subject, taken = 1) {
      const id = hashSubject(subject);
      const asked = await ask("limit.consume", keyOf(id), (limiter) =>
        orRefusal(limiter.consume(keyOf(id), taken)),
      );
      if (asked.kind !== "ok") {
        return decide(insured.points, await insurance.consume(id, taken), "insurance");
      }
      const decision = decide(points, asked.value, "redis");
      if (!decision.allowed) await insurance.remember(id, decision.resetMs);
      return decision;
    },

    async reset(subject) {
      const id = hashSubject(subject);
      await insurance.forget(id);
      return ask("limit.reset", keyOf(id), async (limiter) => {
        await limiter.delete(keyOf(id));
      });
    },
  };
}

function hashSubject(subject: string): string {
  return createHash("sha256").update(subject).digest("hex").slice(0, 32);
}

function unavailable(code: "disabled" | "unreachable", message: string): Guarded<never> {
  return { kind: "unavailable", fault: new RedisFault(code, message) };
}

function assertLimit(
  { name, points, durationMs }: RateLimitOptions,
  insured: { points: number; durationMs: number },
): void {
  const isWindow = (ms: number) => ms % 1000 === 0 && ms >= 1000 && ms <= longestWindowMs;
  if (!Number.isInteger(points) || points < 1 || !isWindow(durationMs)) {
    throw new RangeError(`the limit ${name} needs whole points and a window of whole seconds up to a week`);
  }
  const isWhole = Number.isInteger(insured.points) && insured.points >= 1 && isWindow(insured.durationMs);
  if (!isWhole || insured.points / insured.durationMs > points / durationMs) {
    throw new RangeError(`the insurance of the limit ${name} must not allow more than the limit`);
  }
}
