import type { MigrationInterface, QueryRunner } from "typeorm";

const added = ["cache:read", "cache:write", "redis:read", "redis:write", "stats:read", "users:read"];

/** Admins may look at and empty the caches; lists and counts by time have an index each. */
export class AdminReadModels1764500000000 implements MigrationInterface {
  // TypeORM reads the name from the class; a minifier must not decide it.
  readonly name = "AdminReadModels1764500000000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      "insert into role_permissions (role_name, permission) select 'admin', unnest($1::text[]) on conflict do nothing",
      [added],
    );
    await runner.query("create index generations_by_time on generations (created_at)");
    await runner.query("create index users_by_time on users (created_at, id)");
    // What is cached about admins doesn't know it yet. A new installation has nothing cached.
    await runner.query(
      `insert into redis_journal (role, kind, payload)
       select 'cache', 'cache.invalidated', '{"tags": ["permissions"]}' where exists (select 1 from users)`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("drop index users_by_time, generations_by_time");
    await runner.query("delete from role_permissions where role_name = 'admin' and permission = any($1)", [
      added,
    ]);
  }
}
