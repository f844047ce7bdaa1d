import { checkClaims, findUnexcused, type Excuse } from "../history/claim-checks";
import { findDifferences, findFaults, findLost, findResultFaults } from "../history/event-checks";
import { findInboxFaults, findSequenceFaults } from "../history/inbox-checks";
import { findSessionFaults } from "../history/session-checks";
import type { RowWitness } from "../row-witness";
import type { Acknowledged, Crowd } from "./crowd";
import type { SessionWatch } from "./session-watch";

/** Everything a run leaves behind to be judged. */
export interface RunEvidence {
  readonly crowd: Crowd;
  readonly witness: RowWitness;
  readonly sessions: SessionWatch;
  readonly excuses: readonly Excuse[];
}

/** What was found, by checker; every list is empty when all promises were kept. */
export type Findings = Readonly<Record<string, readonly string[]>>;

// A killed worker's lease runs out, after Postgres was away only a lease period later, and sweeps take their time
// on a busy machine.
const graceMs = 40_000;
/** Three times what is promised. */
const acceptedForMs = 3_000;

export async function checkEverything({ crowd, witness, sessions, excuses }: RunEvidence): Promise<Findings> {
  const ids = crowd.acknowledged.map(({ id }) => id);
  const statuses = await witness.statuses();
  const { lost, open } = findLost(ids, statuses);
  const claims = checkClaims(await witness.changes());
  const byModel = new Set(crowd.acknowledged.flatMap(({ id, engine }) => (engine === "llm" ? [id] : [])));
  const events: string[] = [];
  const results: string[] = [];
  const ends: string[] = [];
  for (const generation of crowd.acknowledged) {
    const log = await witness.log(generation.id);
    const seen = generation.person.subscriber.eventsOf(generation.id);
    const say = (faults: readonly string[], how: string) =>
      faults.slice(0, 3).map((fault) => `${generation.id} ${how}: ${fault}`);
    events.push(...say(findFaults(log, generation.id), "in the log"));
    events.push(...say(findDifferences(seen, log), "on a socket"));
    if (generation.sse !== undefined)
      events.push(...say(findDifferences(generation.sse.received, log), "over SSE"));
    results.push(...say(findResultFaults(log, await witness.files(generation.id)), "in Postgres"));
    const lostRuns = claims.lostLeases.filter((lease) => lease.generationId === generation.id).length;
    const wrongEnds = findEndFaults(generation, { status: statuses.get(generation.id), lostRuns });
    const last = JSON.stringify(log.at(-1));
    ends.push(...wrongEnds.map((fault) => `${fault}; the log ends with ${last}`));
  }
  const strangers = await findStrangers(crowd, witness);
  return {
    lost,
    stuck: open,
    doubled: [...crowd.doubled, ...strangers],
    "missed or repeated events": events,
    "wrong results": results,
    "wrong ends": ends,
    "broken claims": claims.faults,
    "attempts without a reason": [
      ...findUnexcused(claims.lostLeases, excuses, { graceMs }),
      ...claims.failedRuns
        .filter(({ generationId }) => !byModel.has(generationId))
        .map(({ generationId }) => `${generationId}: a run of the built-in engine failed`),
    ],
    sessions: findSessionFaults(sessions.probes, sessions.revocations, { acceptedForMs }),
    inboxes: await findInboxes(crowd, witness, statuses),
  };
}

/** A program of the built-in engine ends well unless it was cancelled or lost its worker three times. */
function findEndFaults(
  { id, engine, isCancelled }: Acknowledged,
  { status, lostRuns }: { readonly status: string | undefined; readonly lostRuns: number },
): string[] {
  if (isCancelled) return status === "cancelled" ? [] : [`${id} was cancelled, and is ${String(status)}`];
  if (engine === "llm" || status === "completed" || status === "cancelled") return [];
  return status === "failed" && lostRuns >= 3
    ? []
    : [`${id} is ${String(status)} after ${lostRuns} lost runs`];
}

/** Generations nobody was told of: a key that was used again and made a second one. */
async function findStrangers(crowd: Crowd, witness: RowWitness): Promise<string[]> {
  const rows = await witness.query<{ id: string }>(
    "select id from generations where idempotency_key is not null",
  );
  const acknowledged = new Set(crowd.acknowledged.map(({ id }) => id));
  const unknown = rows.filter(({ id }) => !acknowledged.has(id)).map(({ id }) => id);
  // A crowd member gives up on thirty copies at once when none was answered; the row may be there all the same.
  return unknown.length <= crowd.unanswered() ? [] : unknown;
}

/** Everybody is told of every end but a cancel, which may have come about though its answer was lost. */
async function findInboxes(
  crowd: Crowd,
  witness: RowWitness,
  statuses: ReadonlyMap<string, string>,
): Promise<string[]> {
  const faults: string[] = [];
  for (const { person, subscriber } of crowd.people) {
    const { seqs, lastSeq } = await witness.inbox(person.userId);
    const ended = crowd.acknowledged.filter(
      (each) => each.person.person === person && statuses.get(each.id) !== "cancelled",
    );
    if (seqs.length < ended.length)
      faults.push(`${person.userId}: ${seqs.length} notifications for ${ended.length} ended generations`);
    faults.push(...findSequenceFaults(seqs).map((fault) => `${person.userId} in Postgres: ${fault}`));
    faults.push(
      ...findInboxFaults(subscriber.inbox, lastSeq).map((fault) => `${person.userId} on a socket: ${fault}`),
    );
  }
  return faults;
}
