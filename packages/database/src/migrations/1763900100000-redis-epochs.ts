import type { MigrationInterface, QueryRunner } from "typeorm";

/** Which Redis holds what was written since when: an older one's values are believed no more. */
export class RedisEpochs1763900100000 implements MigrationInterface {
  readonly name = "RedisEpochs1763900100000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create table redis_epochs (
      role text constraint redis_epochs_pkey primary key,
      epoch bigint not null,
      servers text not null
    )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("drop table redis_epochs");
  }
}
