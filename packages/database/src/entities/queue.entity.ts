import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from "typeorm";
import { UserEntity } from "./user.entity";

/** A queue that somebody has paused: nothing of it is claimed, whatever Redis does. */
@Entity("queues")
export class QueueEntity {
  @PrimaryColumn("text", { primaryKeyConstraintName: "queues_pkey" })
  name!: string;

  @Column("timestamptz", { name: "paused_at", nullable: true })
  pausedAt!: Date | null;

  @Column("uuid", { name: "paused_by", nullable: true })
  pausedBy!: string | null;

  @ManyToOne(() => UserEntity, { onDelete: "SET NULL" })
  @JoinColumn({ name: "paused_by", foreignKeyConstraintName: "queues_paused_by_fkey" })
  user?: UserEntity;
}
