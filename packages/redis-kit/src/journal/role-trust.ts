import type { RedisRole } from "../connection/redis-role";
import { withDeadline } from "../degradation/deadline";
import { describeError } from "../errors";
import type { KitLogger } from "../logger";
import type { EpochRecord, JournalStore, TruthLook } from "./journal-store";
import type { LookLog } from "./look-log";
import { createOpenRows } from "./open-rows";
import { createSettler } from "./settler";
import type { Invalidation, RedisTrust, Verdict } from "./trust";

/** Two processes that see different servers of one role: which is right shows within this time; milliseconds. */
const splitPatienceMs = 3000;
const advanceDeadlineMs = 500;

/** Which server this process talks to, as recorded. `turn` changes whenever it may have become another one. */
export interface Standing {
  readonly epoch: number;
  readonly turn: number;
}

/** Trust in one role that rests on looks at the journal. */
export interface WatchedTrust extends RedisTrust {
  /** undefined: this process's server is not the recorded one, so nothing it takes counts */
  standing(): Standing | undefined;
  /** Did the last look show rows that Redis has to learn? */
  hasOpen(): boolean;
}

/** Trust in one role, and the two words that move it. */
export interface RoleTrust extends WatchedTrust {
  /** Takes in a look. `hasLapsed`: before it a row may have come and gone unseen. */
  take(look: TruthLook, began: { readonly startedAtMs: number; readonly hasLapsed: boolean }): void;
  /** Begins a new epoch if this process is the one to do so. Never rejects. */
  reconcile(): Promise<void>;
  stop(): Promise<void>;
}

/** What trust in one role is made of. */
export interface RoleTrustOptions {
  readonly role: RedisRole;
  readonly journal: JournalStore;
  readonly looks: LookLog;
  /** monotonic; milliseconds */
  readonly nowMs: () => number;
  readonly logger: KitLogger;
  /** Asks for a look now. */
  readonly hurry: () => void;
}

/** Believes nothing until the first look. */
export function createRoleTrust(options: RoleTrustOptions): RoleTrust {
  const { role, journal, looks, nowMs, logger, hurry } = options;
  const rows = createOpenRows();
  const invalidated = createListeners<Invalidation>(logger);
  const doubted = createListeners<undefined>(logger);
  const settler = createSettler(role.role, journal);
  /** Rows of this process's making, and which server it was talking to. */
  const expected = new Map<string, { readonly standing: Standing | undefined; readonly atMs: number }>();
  let record: EpochRecord | undefined;
  let turn = 0;
  /** This process has met a server that it may have to announce. */
  let isNewHere = true;
  let splitSinceMs: number | undefined;
  let overflowing = false;

  const unsubscribe = role.onIdentity(() => {
    turn += 1;
    rows.unsettle();
    const servers = role.identity();
    if (servers === undefined || servers === record?.servers) return;
    isNewHere = true;
    hurry();
  });

  function standing(): Standing | undefined {
    const servers = role.identity();
    if (servers === undefined || record === undefined || servers !== record.servers) return undefined;
    return { epoch: record.epoch, turn };
  }

  function setRecord(next: EpochRecord): void {
    const isOther = record !== undefined && record.epoch !== next.epoch;
    record = next;
    if (isOther) doubted.tell(undefined);
  }

  function verdict(): Verdict {
    const here = standing();
    const belief = looks.belief(nowMs());
    return here === undefined || belief === "untrusted"
      ? { kind: "untrusted" }
      : { kind: belief, epoch: here.epoch };
  }

  function expect(id: string, what: Invalidation): void {
    if (!rows.expect(id, what, nowMs())) return;
    expected.set(id, { standing: standing(), atMs: nowMs() });
    invalidated.tell(what);
  }

  async function advance(servers: string): Promise<void> {
    const before = { epoch: record?.epoch ?? 0, turn };
    try {
      const stands = await withDeadline(
        journal.advanceEpoch({ role: role.role, expected: before.epoch, servers }),
        advanceDeadlineMs,
      );
      setRecord(stands);
      splitSinceMs = undefined;
      if (turn === before.turn) isNewHere = false;
      if (stands.servers === servers && stands.epoch > before.epoch) {
        logger.info("another redis server answers: what it brought along is not believed", {
          role: role.role,
          epoch: stands.epoch,
        });
      }
    } catch (error) {
      logger.warn("a new redis epoch could not be written", { role: role.role, error: describeError(error) });
    }
  }

  return {
    verdict,
    isInformed: () => looks.belief(nowMs()) === "trusted",
    standing,
    concerns: (subject) => rows.touch(subject),
    hasOpen: () => overflowing || rows.any(),
    async record(what) {
      const kind = role.role === "state" ? "session.revoked" : "cache.invalidated";
      const id = await journal.append({ role: role.role, kind }, what);
      expect(id, what);
      return id;
    },
    expect,
    settle(id) {
      const then = expected.get(id)?.standing;
      const here = standing();
      expected.delete(id);
      // Told to a server that isn't, or isn't any more, the one everybody reads: the row stays open.
      if (then === undefined || here?.epoch !== then.epoch || here.turn !== then.turn) return;
      rows.settle(id, nowMs());
      settler.settle(id, here.epoch);
    },
    onInvalidated: invalidated.add,
    onDoubt: doubted.add,
    take(look, { startedAtMs, hasLapsed }) {
      const stands = look.epochs.find((epoch) => epoch.role === role.role);
      setRecord(stands ?? { role: role.role, epoch: 0, servers: "" });
      overflowing = look.overflow;
      if (look.overflow) return;
      if (hasLapsed) doubted.tell(undefined);
      const own = look.rows.filter((row) => row.role === role.role);
      for (const what of rows.take(own, startedAtMs)) {
        if (what === undefined) doubted.tell(undefined);
        else invalidated.tell(what);
      }
      const open = new Set(own.flatMap((row) => (row.open ? [row.id] : [])));
      for (const [id, { atMs }] of expected) if (atMs < startedAtMs && !open.has(id)) expected.delete(id);
    },
    async reconcile() {
      const servers = role.identity();
      if (servers === undefined || record === undefined) return;
      if (servers === record.servers) {
        isNewHere = false;
        splitSinceMs = undefined;
        return;
      }
      if (!isNewHere) {
        if (splitSinceMs === undefined) {
          logger.warn("another process sees another redis server: this one is not believed", {
            role: role.role,
          });
        }
        splitSinceMs ??= nowMs();
        if (nowMs() - splitSinceMs < splitPatienceMs) return;
      }
      await advance(servers);
    },
    async stop() {
      unsubscribe();
      await settler.flush();
    },
  };
}

interface Listeners<T> {
  readonly add: (listener: (news: T) => void) => () => void;
  tell(news: T): void;
}

function createListeners<T>(logger: KitLogger): Listeners<T> {
  const listeners = new Set<(news: T) => void>();
  return {
    add(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tell(news) {
      for (const listener of [...listeners]) {
        try {
          listener(news);
        } catch (error) {
          logger.error("a listener of the redis journal failed", { error: describeError(error) });
        }
      }
    },
  };
}
