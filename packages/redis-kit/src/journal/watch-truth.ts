import type { RedisRole, RedisRoleName } from "../connection/redis-role";
import { withDeadline } from "../degradation/deadline";
import { describeError } from "../errors";
import { noLogger } from "../logger";
import type { KitLogger } from "../logger";
import { noMetrics } from "../metrics";
import type { KitMetrics } from "../metrics";
import type { JournalStore, TruthLook } from "./journal-store";
import { createLookLog, lookDeadlineMs } from "./look-log";
import { createRoleTrust } from "./role-trust";
import type { RoleTrust, WatchedTrust } from "./role-trust";
import { createTruthFigures } from "./truth-figures";

/** What a watch is made of. */
export interface WatchTruthOptions {
  /** Looks are asked of it all the time: give it a connection that a busy pool doesn't keep waiting. */
  readonly journal: JournalStore;
  readonly roles: readonly RedisRole[];
  /** milliseconds from one look to the next; default 200 */
  readonly intervalMs?: number;
  /** how long Redis alone is believed while the journal can't be read; milliseconds (AUTH_STALE_MAX) */
  readonly staleMaxMs: number;
  readonly logger?: KitLogger;
  readonly metrics?: KitMetrics;
  /** monotonic, in milliseconds; a wall clock may jump */
  readonly nowMs?: () => number;
}

/** One process's knowledge of the journal. */
export interface TruthWatch {
  /** @throws {RangeError} this role is not watched */
  of(role: RedisRole): WatchedTrust;
  /** Resolves after a look that began after this call. Never rejects. */
  lookNow(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Looks at the journal all the time, one question for all roles, and derives from it what each role's Redis
 * may be believed: see `Verdict`. Starts at once, and believes nothing before the first look.
 */
export function watchTruth(options: WatchTruthOptions): TruthWatch {
  const { journal, roles, intervalMs = 200, staleMaxMs, logger = noLogger } = options;
  const { nowMs = () => performance.now(), metrics = noMetrics } = options;
  const figures = createTruthFigures(metrics);
  const looks = createLookLog(staleMaxMs);
  const trusts = new Map<RedisRoleName, RoleTrust>();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  let stopped = false;
  let isAway = false;
  let takenAtMs = -Infinity;

  function take(seen: TruthLook, began: { startedAtMs: number; hasLapsed: boolean }): void {
    takenAtMs = began.startedAtMs;
    for (const trust of trusts.values()) trust.take(seen, began);
  }

  /** Nobody waited for it any more. It still says what is open, and that the truth can be asked. */
  function takeLate(seen: TruthLook, startedAtMs: number): void {
    if (stopped) return;
    looks.cameLate(nowMs());
    // It ends no lapse: what it shows may be of long after it began.
    if (startedAtMs > takenAtMs) take(seen, { startedAtMs, hasLapsed: false });
  }

  async function look(): Promise<void> {
    const startedAtMs = nowMs();
    looks.began();
    const asked = journal.look();
    try {
      const seen = await withDeadline(asked, lookDeadlineMs);
      figures.looked(seen);
      take(seen, { startedAtMs, hasLapsed: looks.hasLapsed(startedAtMs) });
      looks.answered(startedAtMs, !seen.overflow);
      if (isAway) logger.info("the redis journal can be read again");
      isAway = false;
      if (!stopped) await Promise.all([...trusts.values()].map((trust) => trust.reconcile()));
    } catch (error) {
      looks.rejected(startedAtMs, nowMs());
      asked.then(
        (seen) => {
          takeLate(seen, startedAtMs);
        },
        () => undefined,
      );
      figures.failed();
      if (!isAway) logger.warn("the redis journal can't be read", { error: describeError(error) });
      isAway = true;
    }
    for (const [role, trust] of trusts) figures.judged(role, trust.verdict());
  }

  function run(): Promise<void> {
    clearTimeout(timer);
    const startedAtMs = nowMs();
    running = look().finally(() => {
      running = undefined;
      if (stopped) return;
      clearTimeout(timer);
      timer = setTimeout(() => void lookNow(), Math.max(0, intervalMs - (nowMs() - startedAtMs)));
      timer.unref();
    });
    return running;
  }

  function lookNow(): Promise<void> {
    if (stopped) return Promise.resolve();
    if (running === undefined) return run();
    // The one under way may have begun before what the caller wants to see.
    next ??= running.then(() => {
      next = undefined;
      return stopped ? undefined : (running ?? run());
    });
    return next;
  }

  for (const role of roles) {
    const hurry = () => void lookNow();
    trusts.set(role.role, createRoleTrust({ role, journal, looks, nowMs, logger, hurry }));
  }
  void lookNow();
  return {
    of(role) {
      const trust = trusts.get(role.role);
      if (trust === undefined) throw new RangeError(`the role ${role.role} is not watched`);
      return trust;
    },
    lookNow,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
      await Promise.all([...trusts.values()].map((trust) => trust.stop()));
    },
  };
}
