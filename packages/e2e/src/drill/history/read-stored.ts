import type { GenerationEventBody } from "@vibe-friend/contracts/generation-event";
import { Client } from "pg";
import type { StoredGeneration } from "./judge-generation";

/** Postgres as the drill reads it: directly, whatever the product says. Every question may throw. */
export interface StoredHistory {
  /** Ids of those, among the given, that have not ended. */
  findOpen(ids: readonly string[]): Promise<string[]>;
  /** All of them at one moment; what has no row is left out. */
  read(ids: readonly string[]): Promise<Map<string, StoredGeneration>>;
  /** Every row these people have: its idempotency key by its id. */
  listKeys(userIds: readonly string[]): Promise<Map<string, string>>;
  /** Queued and running, over all people. */
  countOpen(): Promise<number>;
  /** How many have ended since the database was made. */
  countEnded(): Promise<number>;
  /** What runs now, by id: the worker process that claimed it. */
  listRunning(): Promise<Map<string, string>>;
}

type Query = <Row extends object>(text: string, values?: readonly unknown[]) => Promise<Row[]>;

const chunkSize = 40;

/** @param url of Postgres itself, past every proxy; each question has a connection of its own, for Postgres may be killed */
export function createStoredHistory(url: string): StoredHistory {
  async function ask<T>(question: (query: Query) => Promise<T>): Promise<T> {
    const client = new Client({
      connectionString: url,
      connectionTimeoutMillis: 5_000,
      query_timeout: 20_000,
    });
    client.on("error", () => undefined);
    await client.connect();
    try {
      return await question(
        async (text, values = []) => (await client.query(text, [...values])).rows as never,
      );
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  const count = (where: string): Promise<number> =>
    ask(async (query) => {
      const [row] = await query<{ count: number }>(
        `select count(*)::int as count from generations where status ${where}`,
      );
      return row?.count ?? 0;
    });

  return {
    findOpen: (ids) =>
      ask(async (query) => {
        const rows = await query<{ id: string }>(
          "select id from generations where id = any($1::uuid[]) and status in ('queued', 'running')",
          [ids],
        );
        return rows.map(({ id }) => id);
      }),
    read: (ids) =>
      ask(async (query) => {
        const found = new Map<string, StoredGeneration>();
        await query("begin isolation level repeatable read read only");
        for (let from = 0; from < ids.length; from += chunkSize) {
          for (const [id, stored] of await readChunk(query, ids.slice(from, from + chunkSize))) {
            found.set(id, stored);
          }
        }
        await query("commit");
        return found;
      }),
    listKeys: (userIds) =>
      ask(async (query) => {
        const rows = await query<{ id: string; key: string | null }>(
          "select id, idempotency_key as key from generations where user_id = any($1::uuid[])",
          [userIds],
        );
        return new Map(rows.map(({ id, key }) => [id, key ?? ""]));
      }),
    countOpen: () => count("in ('queued', 'running')"),
    countEnded: () => count("not in ('queued', 'running')"),
    listRunning: () =>
      ask(async (query) => {
        const rows = await query<{ id: string; claimed_by: string }>(
          "select id, claimed_by from generations where status = 'running'",
        );
        return new Map(rows.map(({ id, claimed_by: worker }) => [id, worker]));
      }),
  };
}

async function readChunk(query: Query, ids: readonly string[]): Promise<Map<string, StoredGeneration>> {
  const rows = await query<{ id: string; status: string; last_seq: number }>(
    "select id, status, last_seq from generations where id = any($1::uuid[])",
    [ids],
  );
  const batches = await query<{ id: string; seq_from: number; events: GenerationEventBody[] }>(
    `select generation_id as id, seq_from, events from generation_events
     where generation_id = any($1::uuid[]) order by generation_id, seq_to`,
    [ids],
  );
  const files = await query<{ id: string; path: string; sha256: string }>(
    "select generation_id as id, path, sha256 from generation_files where generation_id = any($1::uuid[]) and not partial",
    [ids],
  );
  const eventsOf = groupById(batches);
  const filesOf = groupById(files);
  return new Map(
    rows.map((row) => [
      row.id,
      {
        status: row.status,
        lastSeq: row.last_seq,
        events: (eventsOf.get(row.id) ?? []).flatMap((batch) =>
          batch.events.map((event, index) => ({ ...event, seq: batch.seq_from + index })),
        ),
        files: filesOf.get(row.id) ?? [],
      },
    ]),
  );
}

function groupById<Row extends { readonly id: string }>(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.id);
    if (group === undefined) groups.set(row.id, [row]);
    else group.push(row);
  }
  return groups;
}
