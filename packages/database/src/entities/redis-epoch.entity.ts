import { Column, Entity, PrimaryColumn } from "typeorm";

/** Which server of a role holds what was written since the epoch began. */
@Entity("redis_epochs")
export class RedisEpochEntity {
  @PrimaryColumn("text", { primaryKeyConstraintName: "redis_epochs_pkey" })
  role!: string;

  @Column("bigint")
  epoch!: string;

  /** run_id of the server, in Cluster those of all masters, sorted and joined with "," */
  @Column("text")
  servers!: string;
}
