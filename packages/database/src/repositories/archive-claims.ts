import type { GenerationProblem } from "@vibe-friend/contracts/problem";
import type { Database } from "../data-source";
import type { Sql } from "../sql";
import type {
  ArchiveClaimOptions,
  ArchiveClaims,
  ArchiveFile,
  ArchiveHold,
  ClaimedArchive,
} from "./archive-records";
import { readFileContent } from "./file-contents";
import { sweepArchives } from "./sweep-archives";

export type {
  ArchiveClaimOptions,
  ArchiveClaims,
  ArchiveFile,
  ArchiveHold,
  ClaimedArchive,
} from "./archive-records";

interface ClaimRow {
  readonly generation_id: string;
  readonly claim_token: string;
  readonly prompt: string;
  readonly finished_at: Date;
  readonly attempt: number;
  readonly parts: number;
}

/** SQL: may be claimed now. One that waits for a generation that runs again is replaced by the next request. */
const isWaiting = `a.status = 'queued' and g.finished_at <= a.queued_at
  and not exists (select from queues q where q.name = 'archive' and q.paused_at is not null)`;
/** SQL: the build is over, whatever became of it. */
const release = "claimed_by = null, lease_expires_at = null";
/** SQL: $1 and $2 are the hold. */
const isHold = "a.generation_id = $1 and a.claim_token = $2";

/** Builds of archives in Postgres. */
export function createArchiveClaims(database: Database, options: ArchiveClaimOptions): ArchiveClaims {
  return {
    claim: (generationId) => claim(database, options, generationId),
    claimNext: () => claim(database, options),
    heartbeat: (holds) => renew(database, options.leaseMs, holds),
    listFiles: (generationId) =>
      database.query<ArchiveFile>(
        `select path, bytes, sha256 from generation_files where generation_id = $1 order by path collate "C"`,
        [generationId],
      ),
    readFile: (generationId, file) => readFileContent(database, generationId, file),
    append: (hold, part, content) => append(database, hold, { part, content }),
    complete: (hold) => end(database, hold, { status: "ready", problem: null }),
    fail: (hold, problem) => end(database, hold, { status: "failed", problem }),
    handBack: (hold) => handBack(database, hold),
    async sweep() {
      // Whoever couldn't reach Postgres couldn't renew either: give them one lease period to do so.
      const regainedMsAgo = database.regainedMsAgo();
      if (regainedMsAgo !== undefined && regainedMsAgo < options.leaseMs) return { requeued: [], failed: [] };
      return sweepArchives(database, { ...options, askedAt: () => database.now() });
    },
    removeUnused: (unusedMs, limit) => removeUnused(database, unusedMs, limit),
  };
}

async function claim(
  sql: Sql,
  { workerId, leaseMs }: ArchiveClaimOptions,
  generationId: string | null = null,
): Promise<ClaimedArchive | undefined> {
  const [row] = await sql.query<ClaimRow>(
    `with next as (
       select a.generation_id, g.prompt, g.finished_at
       from archives a join generations g on g.id = a.generation_id
       where ${isWaiting} and ($3::uuid is null or a.generation_id = $3)
       order by a.queued_at limit 1 for update of a skip locked
     )
     update archives a
     set status = 'building', claim_token = a.claim_token + 1, attempt = a.attempt + 1,
         claimed_by = $1, lease_expires_at = now() + $2 * interval '1 ms'
     from next where a.generation_id = next.generation_id
     returning a.generation_id, a.claim_token, a.attempt, a.parts, next.prompt, next.finished_at`,
    [workerId, leaseMs, generationId],
  );
  return (
    row && {
      generationId: row.generation_id,
      claimToken: Number(row.claim_token),
      prompt: row.prompt,
      finishedAt: row.finished_at,
      attempt: row.attempt,
      parts: row.parts,
    }
  );
}

async function renew(sql: Sql, leaseMs: number, holds: readonly ArchiveHold[]): Promise<ArchiveHold[]> {
  if (holds.length === 0) return [];
  const rows = await sql.query<Pick<ClaimRow, "generation_id" | "claim_token">>(
    `with held as (
       select a.generation_id from archives a
       join unnest($1::uuid[], $2::bigint[]) as i (id, token) on i.id = a.generation_id
       where a.status = 'building' and a.claim_token = i.token
       order by a.generation_id for update of a
     )
     update archives a set lease_expires_at = clock_timestamp() + $3 * interval '1 ms'
     from held where a.generation_id = held.generation_id
     returning a.generation_id, a.claim_token`,
    [holds.map((hold) => hold.generationId), holds.map((hold) => hold.claimToken), leaseMs],
  );
  return rows.map((row) => ({ generationId: row.generation_id, claimToken: Number(row.claim_token) }));
}

/** One statement: a part and its being counted are seen together. */
async function append(
  sql: Sql,
  hold: ArchiveHold,
  { part, content }: { readonly part: number; readonly content: Buffer },
): Promise<"stored" | "differs" | "fenced"> {
  const [row] = await sql.query<{ held: boolean; stored: boolean; same: boolean | null }>(
    `with held as (
       update archives a
       set parts = greatest(a.parts, $3::int + 1),
           bytes = a.bytes + case when a.parts = $3::int then length($4::bytea) else 0 end
       where ${isHold} and a.status = 'building' and a.parts >= $3::int
       returning a.generation_id
     ), stored as (
       insert into archive_parts (generation_id, part, content)
       select generation_id, $3::int, $4::bytea from held
       on conflict (generation_id, part) do nothing returning part
     )
     select exists (select from held) as held, exists (select from stored) as stored,
            (select p.content = $4::bytea from archive_parts p
             where p.generation_id = $1 and p.part = $3::int) as same`,
    [hold.generationId, hold.claimToken, part, content],
  );
  if (row?.held !== true) return "fenced";
  return row.stored || row.same === true ? "stored" : "differs";
}

interface End {
  readonly status: "ready" | "failed";
  readonly problem: GenerationProblem | null;
}

async function end(sql: Sql, hold: ArchiveHold, { status, problem }: End): Promise<boolean> {
  const rows = await sql.query(
    `update archives a
     set status = $3, error = $4::jsonb, finished_at = coalesce(a.finished_at, now()), ${release}
     where ${isHold} and a.status in ('building', $3) returning a.generation_id`,
    [hold.generationId, hold.claimToken, status, problem && JSON.stringify(problem)],
  );
  return rows.length > 0;
}

async function handBack(sql: Sql, hold: ArchiveHold): Promise<boolean> {
  const rows = await sql.query(
    `update archives a
     set status = 'queued', attempt = a.attempt - 1, claim_token = a.claim_token + 1, ${release}
     where ${isHold} and a.status = 'building' returning a.generation_id`,
    [hold.generationId, hold.claimToken],
  );
  return rows.length > 0;
}

/** One at a time: a large one takes a while to remove. */
async function removeUnused(sql: Sql, unusedMs: number, limit: number): Promise<number> {
  for (let removed = 0; removed < limit; removed += 1) {
    const rows = await sql.query(
      `delete from archives where generation_id = (
         select a.generation_id from archives a
         where a.used_at < now() - $1 * interval '1 ms' and a.status <> 'building'
         limit 1 for update skip locked
       ) returning generation_id`,
      [unusedMs],
    );
    if (rows.length === 0) return removed;
  }
  return limit;
}
