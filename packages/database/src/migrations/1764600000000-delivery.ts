import type { MigrationInterface, QueryRunner } from "typeorm";

const granted = ["announcements:write", "queues:read", "queues:write"];

const up: readonly string[] = [
  // The queue brought it and it could not be claimed (its user's running limit, a paused queue): the rows bring it again.
  `alter table generations add column deferred boolean not null default false`,
  // Files are kept as they close; what an ended run left open is kept and marked.
  `alter table generation_files add column partial boolean not null default false`,
  // null: the text is in generation_file_parts
  `alter table generation_files alter column content drop not null`,
  `create table generation_file_parts (
    generation_id uuid not null,
    path text not null,
    part int not null,
    content text not null,
    constraint generation_file_parts_pkey primary key (generation_id, path, part),
    constraint generation_file_parts_file_fkey foreign key (generation_id, path)
      references generation_files (generation_id, path) on delete cascade
  )`,
  // What was deleted, so that everything ever accepted can be accounted for.
  `alter table generation_usage add column removed int not null default 0`,
  `create table archives (
    generation_id uuid constraint archives_pkey primary key
      constraint archives_generation_id_fkey references generations (id) on delete cascade,
    status text not null default 'queued'
      constraint archives_status_check check (status in ('queued', 'building', 'ready', 'failed')),
    attempt int not null default 0,
    claim_token bigint not null default 0,
    claimed_by text,
    lease_expires_at timestamptz,
    parts int not null default 0,
    bytes bigint not null default 0,
    error jsonb,
    queued_at timestamptz not null default now(),
    finished_at timestamptz,
    used_at timestamptz not null default now()
  ) with (fillfactor = 70)`,
  `create index archives_waiting on archives (queued_at) where status = 'queued'`,
  `create index archives_building on archives (lease_expires_at) where status = 'building'`,
  `create table archive_parts (
    generation_id uuid not null
      constraint archive_parts_generation_id_fkey references archives (generation_id) on delete cascade,
    part int not null,
    content bytea not null,
    constraint archive_parts_pkey primary key (generation_id, part)
  )`,
  // Pressed already; asking Postgres to try again costs time.
  `alter table archive_parts alter column content set storage external`,
  `create table queues (
    name text constraint queues_pkey primary key,
    paused_at timestamptz,
    paused_by uuid constraint queues_paused_by_fkey references users (id) on delete set null
  )`,
  `create table inboxes (
    user_id uuid constraint inboxes_pkey primary key
      constraint inboxes_user_id_fkey references users (id) on delete cascade,
    last_seq int not null
  ) with (fillfactor = 70)`,
  `insert into inboxes (user_id, last_seq) select user_id, max(seq) from notifications group by user_id`,
  `alter table notifications add column kind text not null default 'announcement'
    constraint notifications_kind_check check (kind in ('completed', 'failed', 'limit', 'announcement'))`,
  `alter table notifications alter column kind drop default`,
  `alter table notifications add column announcement_id uuid`,
  `create index notifications_by_announcement on notifications (announcement_id) where announcement_id is not null`,
  // What may be said only once, as that a day's limit is reached.
  `alter table notifications add column once_key text`,
  `create unique index notifications_once_key on notifications (user_id, once_key)`,
];

const down: readonly string[] = [
  `drop index notifications_once_key, notifications_by_announcement`,
  `alter table notifications drop column once_key, drop column announcement_id, drop column kind`,
  `drop table inboxes, queues, archive_parts, archives`,
  `alter table generation_usage drop column removed`,
  `delete from generation_files where partial`,
  `update generation_files f set content = coalesce((select string_agg(p.content, '' order by p.part)
    from generation_file_parts p where p.generation_id = f.generation_id and p.path = f.path), '')
    where f.content is null`,
  `drop table generation_file_parts`,
  `alter table generation_files alter column content set not null`,
  `alter table generation_files drop column partial`,
  `alter table generations drop column deferred`,
];

/**
 * What delivery needs to keep its promises: files saved as they close, archives as work of their own, an inbox
 * with its own sequence, queues that can be paused whatever Redis does.
 */
export class Delivery1764600000000 implements MigrationInterface {
  // TypeORM reads the name from the class; a minifier must not decide it.
  readonly name = "Delivery1764600000000";

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of up) await runner.query(statement);
    await runner.query(
      "insert into role_permissions (role_name, permission) select 'admin', unnest($1::text[]) on conflict do nothing",
      [granted],
    );
    // What is cached about admins doesn't know it yet. A new installation has nothing cached.
    await runner.query(
      `insert into redis_journal (role, kind, payload)
       select 'cache', 'cache.invalidated', '{"tags": ["permissions"]}' where exists (select 1 from users)`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("delete from role_permissions where role_name = 'admin' and permission = any($1)", [
      granted,
    ]);
    for (const statement of down) await runner.query(statement);
  }
}
