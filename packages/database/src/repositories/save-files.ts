import type { EventBatch } from "./claim-records";
import { cutContent } from "./file-contents";

/**
 * SQL: more CTEs for the append statement. Saves and drops files of the generations in the CTE `advanced`, that
 * is of those whose events are stored. Parameters 2 to 13 are those of `toFileParameters`.
 */
export const saveFiles = `, dropped as (
  delete from generation_files f using advanced a, unnest($2::uuid[], $3::text[]) as d (id, path)
  where d.id = a.id and f.generation_id = d.id and f.path = d.path
), saving as (
  select s.* from advanced a
  join unnest($4::uuid[], $5::text[], $6::text[], $7::int[], $8::text[], $9::int[])
    as s (id, path, content, bytes, sha256, parts) on s.id = a.id
), saved as (
  insert into generation_files (generation_id, path, content, partial, bytes, sha256)
  select id, path, content, false, bytes, sha256 from saving
  on conflict (generation_id, path) do update
    set content = excluded.content, partial = false, bytes = excluded.bytes, sha256 = excluded.sha256
), shortened as (
  delete from generation_file_parts p using saving s
  where p.generation_id = s.id and p.path = s.path and p.part >= s.parts
), parted as (
  insert into generation_file_parts (generation_id, path, part, content)
  select p.id, p.path, p.part, p.content from advanced a
  join unnest($10::uuid[], $11::text[], $12::int[], $13::text[]) as p (id, path, part, content) on p.id = a.id
  on conflict (generation_id, path, part) do update set content = excluded.content
)`;

/** undefined: the batches say nothing of files. */
export function toFileParameters(batches: readonly EventBatch[]): readonly unknown[] | undefined {
  const dropped = batches.flatMap(({ hold, dropped = [] }) => dropped.map((path) => ({ id: hold.id, path })));
  const saved = batches.flatMap(({ hold, saved = [] }) =>
    saved.map((file) => ({ ...file, id: hold.id, pieces: cutContent(file.content) })),
  );
  if (dropped.length === 0 && saved.length === 0) return undefined;
  const parts = saved.flatMap(({ id, path, pieces }) =>
    pieces.length === 1 ? [] : pieces.map((content, part) => ({ id, path, part, content })),
  );
  return [
    dropped.map(({ id }) => id),
    dropped.map(({ path }) => path),
    saved.map(({ id }) => id),
    saved.map(({ path }) => path),
    saved.map(({ pieces }) => (pieces.length === 1 ? pieces[0] : null)),
    saved.map(({ bytes }) => bytes),
    saved.map(({ sha256 }) => sha256),
    saved.map(({ pieces }) => (pieces.length === 1 ? 0 : pieces.length)),
    parts.map(({ id }) => id),
    parts.map(({ path }) => path),
    parts.map(({ part }) => part),
    parts.map(({ content }) => content),
  ];
}
