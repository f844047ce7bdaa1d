const people = [
  `create table users (
    id uuid constraint users_pkey primary key,
    email text not null,
    display_name text not null,
    password_hash text,
    disabled_at timestamptz,
    session_epoch int not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`,
  `create unique index users_email_key on users (lower(email))`,
  `create table roles (
    name text constraint roles_pkey primary key,
    description text not null default '',
    builtin boolean not null default false
  )`,
  `create table role_permissions (
    role_name text not null constraint role_permissions_role_name_fkey references roles (name) on delete cascade,
    permission text not null,
    constraint role_permissions_pkey primary key (role_name, permission)
  )`,
  `create table user_roles (
    user_id uuid not null constraint user_roles_user_id_fkey references users (id) on delete cascade,
    role_name text not null constraint user_roles_role_name_fkey references roles (name) on delete cascade,
    constraint user_roles_pkey primary key (user_id, role_name)
  )`,
  `create index user_roles_role_name on user_roles (role_name)`,
  `create table sessions (
    id uuid constraint sessions_pkey primary key,
    token_hash text not null,
    user_id uuid not null constraint sessions_user_id_fkey references users (id) on delete cascade,
    user_epoch int not null,
    created_at timestamptz not null,
    last_seen_at timestamptz not null,
    idle_expires_at timestamptz not null,
    absolute_expires_at timestamptz not null,
    revoked_at timestamptz,
    user_agent text,
    ip text
  )`,
  `create unique index sessions_token_hash_key on sessions (token_hash)`,
  `create index sessions_open_by_user on sessions (user_id) where revoked_at is null`,
  `create table tokens (
    id uuid constraint tokens_pkey primary key,
    kind text not null constraint tokens_kind_check check (kind in ('pat', 'link')),
    token_hash text not null,
    user_id uuid not null constraint tokens_user_id_fkey references users (id) on delete cascade,
    name text not null,
    scopes text[] not null default '{}',
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    used_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz
  )`,
  `create unique index tokens_token_hash_key on tokens (token_hash)`,
  `create index tokens_by_user on tokens (user_id)`,
];

const generations = [
  // Heartbeats and batches update rows all the time: room for the new version on the same page.
  `create table generations (
    id uuid constraint generations_pkey primary key,
    user_id uuid not null constraint generations_user_id_fkey references users (id),
    prompt text not null,
    engine text not null,
    model text,
    status text not null default 'queued'
      constraint generations_status_check check (status in ('queued', 'running', 'completed', 'failed', 'cancelled')),
    progress int not null default 0,
    attempt int not null default 0,
    priority int not null constraint generations_priority_check check (priority between 1 and 10),
    error jsonb,
    files_count int not null default 0,
    created_at timestamptz not null default now(),
    queued_at timestamptz not null default now(),
    started_at timestamptz,
    finished_at timestamptz,
    run_after timestamptz,
    last_seq int not null default 0,
    claim_token bigint not null default 0,
    claimed_by text,
    lease_expires_at timestamptz,
    mode text not null,
    idempotency_key text,
    idempotency_hash text,
    usage jsonb
  ) with (fillfactor = 70)`,
  `create unique index generations_idempotency_key on generations (user_id, idempotency_key)`,
  `create index generations_claim_order on generations (priority, created_at, id) where status = 'queued'`,
  `create index generations_by_owner on generations (user_id, created_at, id)`,
  `create index generations_open_by_user on generations (user_id) where status in ('queued', 'running')`,
  `create index generations_running on generations (user_id) where status = 'running'`,
  `create table generation_events (
    generation_id uuid not null
      constraint generation_events_generation_id_fkey references generations (id) on delete cascade,
    seq_to int not null,
    seq_from int not null,
    events jsonb not null,
    created_at timestamptz not null default clock_timestamp(),
    constraint generation_events_pkey primary key (generation_id, seq_to)
  )`,
  `create table generation_files (
    generation_id uuid not null
      constraint generation_files_generation_id_fkey references generations (id) on delete cascade,
    path text not null,
    content text not null,
    bytes int not null,
    sha256 text not null,
    constraint generation_files_pkey primary key (generation_id, path)
  )`,
  `create table generation_usage (
    user_id uuid not null constraint generation_usage_user_id_fkey references users (id) on delete cascade,
    day date not null,
    submitted int not null,
    constraint generation_usage_pkey primary key (user_id, day)
  )`,
];

const operation = [
  `create table settings (
    key text constraint settings_pkey primary key,
    value jsonb not null,
    updated_at timestamptz not null default now(),
    updated_by uuid constraint settings_updated_by_fkey references users (id) on delete set null
  )`,
  `create table audit_logs (
    id uuid constraint audit_logs_pkey primary key,
    user_id uuid,
    action text not null,
    target text,
    details jsonb not null default '{}',
    ip text,
    user_agent text,
    request_id text,
    created_at timestamptz not null default clock_timestamp()
  )`,
  `create index audit_logs_by_time on audit_logs (created_at, id)`,
  `create function refuse_audit_log_change() returns trigger language plpgsql as $$
  begin
    raise exception 'audit_logs is append-only' using errcode = 'insufficient_privilege';
  end $$`,
  `create trigger audit_logs_append_only before update or delete or truncate on audit_logs
    for each statement execute function refuse_audit_log_change()`,
  `create table notifications (
    id uuid constraint notifications_pkey primary key,
    user_id uuid not null constraint notifications_user_id_fkey references users (id) on delete cascade,
    seq int not null,
    level text not null
      constraint notifications_level_check check (level in ('info', 'success', 'warning', 'error')),
    title text not null,
    body text not null default '',
    generation_id uuid constraint notifications_generation_id_fkey references generations (id) on delete set null,
    created_at timestamptz not null default now(),
    read_at timestamptz
  )`,
  `create unique index notifications_seq_key on notifications (user_id, seq)`,
  `create index notifications_unread on notifications (user_id) where read_at is null`,
  `create table redis_journal (
    id bigint generated always as identity constraint redis_journal_pkey primary key,
    role text not null,
    kind text not null,
    payload jsonb not null,
    created_at timestamptz not null default now(),
    drained_at timestamptz
  )`,
  `create index redis_journal_open on redis_journal (role, id) where drained_at is null`,
  `create index redis_journal_drained on redis_journal (drained_at) where drained_at is not null`,
];

export const firstSchemaUp: readonly string[] = [...people, ...generations, ...operation];

export const firstSchemaDown: readonly string[] = [
  `drop table redis_journal, notifications, audit_logs, settings`,
  `drop function refuse_audit_log_change`,
  `drop table generation_usage, generation_files, generation_events, generations`,
  `drop table tokens, sessions, user_roles, role_permissions, roles, users`,
];
