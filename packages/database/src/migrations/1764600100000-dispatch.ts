import type { MigrationInterface, QueryRunner } from "typeorm";

/** What dispatching looks up: the first waiting row of each user, and the latest that failed. */
export class Dispatch1764600100000 implements MigrationInterface {
  // TypeORM reads the name from the class; a minifier must not decide it.
  readonly name = "Dispatch1764600100000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `create index generations_waiting_by_user on generations (user_id, priority, created_at, id)
       where status = 'queued'`,
    );
    await runner.query(
      `create index generations_failed on generations (finished_at, id) where status = 'failed'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("drop index generations_failed, generations_waiting_by_user");
  }
}
