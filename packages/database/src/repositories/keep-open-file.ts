import type { Sql } from "../sql";

/**
 * Keeps what was written of the file that a run left open, marked as partial. Its text is what the log says
 * since the file was opened, so call this in the transaction that ends the generation, in a statement after the
 * one that locks its row: what another worker's last batch brought is then seen.
 *
 * The log is read backwards to the last `file:opened`, so the work is bounded by the size of one file. Each
 * batch's text becomes a part.
 *
 * @returns how many files it leaves, this one included; the row says so too
 */
export async function keepOpenFile(tx: Sql, generationId: string): Promise<number> {
  await tx.query(
    `with opening as (
       select seq_from, seq_to, events from generation_events
       where generation_id = $1 and events @> '[{"type": "file:opened"}]' order by seq_to desc limit 1
     ), opened as (
       select o.seq_to, o.seq_from + e.n - 1 as seq, e.event ->> 'path' as path
       from opening o, jsonb_array_elements(o.events) with ordinality as e (event, n)
       where e.event ->> 'type' = 'file:opened' order by e.n desc limit 1
     ), said as (
       select b.seq_to, b.seq_from + e.n - 1 as seq, e.event ->> 'type' as type, e.event ->> 'text' as text
       from opened o
       join generation_events b on b.generation_id = $1 and b.seq_to >= o.seq_to
       cross join jsonb_array_elements(b.events) with ordinality as e (event, n)
       where b.seq_from + e.n - 1 > o.seq and e.event ->> 'path' = o.path
     ), pieces as (
       select row_number() over (order by seq_to) - 1 as part, string_agg(text, '' order by seq) as content
       from said where type = 'file:delta' group by seq_to
     ), whole as (
       select coalesce(string_agg(content, '' order by part), '') as content, count(*) as parts from pieces
     ), kept as (
       insert into generation_files (generation_id, path, content, partial, bytes, sha256)
       select $1, o.path, case when w.parts < 2 then w.content end, true, octet_length(w.content),
         encode(sha256(convert_to(w.content, 'UTF8')), 'hex')
       from opened o, whole w where not exists (select 1 from said where type = 'file:completed')
       on conflict (generation_id, path) do nothing
       returning generation_id, path, content
     )
     insert into generation_file_parts (generation_id, path, part, content)
     select k.generation_id, k.path, p.part, p.content from kept k, pieces p where k.content is null`,
    [generationId],
  );
  const [row] = await tx.query<{ files_count: number }>(
    `update generations g
     set files_count = (select count(*) from generation_files f where f.generation_id = g.id)
     where g.id = $1 returning g.files_count`,
    [generationId],
  );
  return row?.files_count ?? 0;
}
