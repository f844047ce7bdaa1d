import type { RedisRoleName } from "../connection/redis-role";
import type { KitMetrics } from "../metrics";
import type { TruthLook } from "./journal-store";
import type { Verdict } from "./trust";

/** What a process's looks at the journal showed. */
export interface TruthFigures {
  looked(look: TruthLook): void;
  failed(): void;
  /** As of the end of a look. */
  judged(role: RedisRoleName, verdict: Verdict): void;
}

const verdicts: readonly Verdict["kind"][] = ["trusted", "unconfirmed", "untrusted"];

export function createTruthFigures(metrics: KitMetrics): TruthFigures {
  const known = new Map<RedisRoleName, number>();

  function showEpoch(role: RedisRoleName, epoch: number): void {
    const before = known.get(role);
    if (before === epoch) return;
    known.set(role, epoch);
    metrics.set("redis_epoch", { role }, epoch);
    // The first one seen had begun before.
    if (before !== undefined) metrics.count("redis_epoch_changes_total", { role });
  }

  return {
    looked({ epochs, rows, overflow }) {
      metrics.count("redis_trust_looks_total", { outcome: overflow ? "overflow" : "ok" });
      metrics.set("redis_journal_open_rows", {}, rows.filter(({ open }) => open).length);
      for (const { role, epoch } of epochs) showEpoch(role, epoch);
    },
    failed() {
      metrics.count("redis_trust_looks_total", { outcome: "failed" });
    },
    judged(role, verdict) {
      for (const kind of verdicts) {
        metrics.set("redis_trust_verdict", { role, verdict: kind }, kind === verdict.kind ? 1 : 0);
      }
    },
  };
}
