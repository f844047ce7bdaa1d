import { Column, Entity, Index, PrimaryGeneratedColumn } from "typeorm";

/** A deletion that Redis has to learn, written with the change that causes it. */
@Entity("redis_journal")
@Index("redis_journal_open", ["role", "id"], { where: "(drained_at IS NULL)" })
@Index("redis_journal_drained", ["drainedAt"], { where: "(drained_at IS NOT NULL)" })
export class RedisJournalEntity {
  @PrimaryGeneratedColumn("identity", {
    type: "bigint",
    generatedIdentity: "ALWAYS",
    primaryKeyConstraintName: "redis_journal_pkey",
  })
  id!: string;

  @Column("text")
  role!: string;

  @Column("text")
  kind!: string;

  @Column("jsonb")
  payload!: unknown;

  @Column("timestamptz", { name: "created_at", default: () => "now()" })
  createdAt!: Date;

  @Column("timestamptz", { name: "drained_at", nullable: true })
  drainedAt!: Date | null;
}
