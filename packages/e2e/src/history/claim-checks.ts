/** One change of a generation's row, as a trigger saw it happen; in the order of their commits per row. */
export interface RowChange {
  readonly generationId: string;
  /** ms since the epoch, on the database's clock */
  readonly at: number;
  /** who wrote: the connection's application name; a worker's is what it claims with */
  readonly who: string;
  /** null for a row that is new */
  readonly before: RowState | null;
  readonly after: RowState;
}

export interface RowState {
  readonly status: string;
  readonly token: number;
  readonly attempt: number;
  readonly lastSeq: number;
  readonly holder: string | null;
  /** ms since the epoch */
  readonly leaseEndsAt: number | null;
}

/** A lease that ran out and was taken away. */
export interface LostLease {
  readonly generationId: string;
  readonly holder: string;
  readonly at: number;
  /** false: not one event was written under this claim; its holder may never have heard that it has it */
  readonly hasWritten: boolean;
}

/** What the rows' history says about who ran what. */
export interface ClaimFindings {
  readonly faults: string[];
  readonly lostLeases: LostLease[];
  /** runs that failed and were counted */
  readonly failedRuns: { readonly generationId: string; readonly at: number }[];
}

/**
 * Follows every row through its changes: each is written by whoever holds it, a hold is taken away only when its
 * lease is over, tokens and sequences never go back, an attempt is counted only for a run that was lost or failed.
 */
export function checkClaims(changes: readonly RowChange[]): ClaimFindings {
  const findings: ClaimFindings = { faults: [], lostLeases: [], failedRuns: [] };
  const runs = new Map<string, RowState>();
  const claimedAt = new Map<string, number>();
  for (const change of changes) {
    const { generationId, before, after } = change;
    const complain = (what: string): void => {
      findings.faults.push(`${generationId}: ${what}`);
    };
    const known = runs.get(generationId);
    if (known !== undefined && before !== null && !isSame(known, before)) complain("a change went unseen");
    runs.set(generationId, after);
    if (before === null) {
      if (after.status !== "queued") complain(`began as ${after.status}`);
      continue;
    }
    if (after.token < before.token) complain(`the token went from ${before.token} back to ${after.token}`);
    if (after.lastSeq < before.lastSeq) complain("the sequence went back");
    if (before.status === "queued" && after.status === "running") claimedAt.set(generationId, before.lastSeq);
    const hasWritten = before.lastSeq > (claimedAt.get(generationId) ?? 0);
    checkTransition({ ...change, before, hasWritten }, findings, complain);
  }
  return findings;
}

type Transition = RowChange & { readonly before: RowState; readonly hasWritten: boolean };

function checkTransition(
  change: Transition,
  findings: ClaimFindings,
  complain: (what: string) => void,
): void {
  const { before, after, who } = change;
  const way = `${before.status} → ${after.status}`;
  switch (way) {
    case "queued → queued":
      if (after.attempt !== before.attempt) complain("attempt changed while it waited");
      return;
    case "queued → running":
      if (after.holder !== who) complain(`claimed by ${who} for ${String(after.holder)}`);
      if (after.token <= before.token) complain("claimed without a new token");
      if (after.attempt !== before.attempt + 1)
        complain(`claim made attempt ${before.attempt} ${after.attempt}`);
      return;
    case "running → running":
      if (after.token !== before.token || after.holder !== before.holder)
        complain(`claimed by ${who} while ${String(before.holder)} ran it`);
      else if (who !== before.holder) complain(`${who} wrote to the run of ${String(before.holder)}`);
      return;
    case "running → completed":
      if (who !== before.holder) complain(`${who} completed the run of ${String(before.holder)}`);
      return;
    case "running → queued":
    case "running → failed":
      checkRunEnd(change, findings, complain);
      return;
    case "queued → cancelled":
    case "running → cancelled":
      if (after.token <= before.token) complain("cancelled without a new token");
      return;
    case "queued → failed":
    case "failed → queued":
    case "cancelled → queued":
      return;
    default:
      complain(`went ${way}`);
  }
}

/** By its holder, or by whoever finds its lease over. */
function checkRunEnd(change: Transition, findings: ClaimFindings, complain: (what: string) => void): void {
  const { before, after, who, generationId, at, hasWritten } = change;
  const isOver = before.leaseEndsAt !== null && before.leaseEndsAt < at;
  // A worker's own sweep may be the one that finds it.
  const isSwept = isOver && after.status === "queued" && after.attempt === before.attempt;
  if (who === before.holder && !isSwept) {
    if (after.status === "queued" && after.attempt === before.attempt)
      findings.failedRuns.push({ generationId, at });
    if (after.attempt > before.attempt || after.attempt < before.attempt - 1)
      complain(`attempt ${before.attempt} became ${after.attempt} at a run's end`);
    return;
  }
  if (!isOver) {
    complain(`${who} took it from ${String(before.holder)}, whose lease was not over`);
    return;
  }
  findings.lostLeases.push({ generationId, holder: before.holder ?? "", at, hasWritten });
  if (after.attempt !== before.attempt) complain("a lost run was not counted");
}

function isSame(a: RowState, b: RowState): boolean {
  return a.status === b.status && a.token === b.token && a.lastSeq === b.lastSeq && a.attempt === b.attempt;
}

/** A fault that may cost a worker its leases: from its beginning until so long after its end. */
export interface Excuse {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** Parts of the names of the workers it may have cost their leases; undefined: all. */
  readonly holders?: readonly string[];
  /** Only claims of which nobody may have heard: the answer was on its way when the connection broke. */
  readonly onlyUnwritten?: boolean;
}

/** Leases that were lost by workers to whom nothing had happened. */
export function findUnexcused(
  lost: readonly LostLease[],
  excuses: readonly Excuse[],
  { graceMs }: { readonly graceMs: number },
): string[] {
  const isExcused = ({ holder, at, hasWritten }: LostLease): boolean =>
    excuses.some(
      ({ from, to, holders, onlyUnwritten = false }) =>
        at >= from &&
        at <= to + graceMs &&
        (holders === undefined || holders.some((name) => holder.includes(name))) &&
        !(onlyUnwritten && hasWritten),
    );
  return lost
    .filter((lease) => !isExcused(lease))
    .map(
      ({ generationId, holder, at }) =>
        `${generationId}: ${holder} lost its lease at ${new Date(at).toISOString()} though nothing had happened to it`,
    );
}
