import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from "typeorm";
import { UserEntity } from "./user.entity";

/** Submissions per user and day (UTC). Deleting a generation doesn't give the submission back. */
@Entity("generation_usage")
export class GenerationUsageEntity {
  @PrimaryColumn("uuid", { name: "user_id", primaryKeyConstraintName: "generation_usage_pkey" })
  userId!: string;

  @PrimaryColumn("date", { primaryKeyConstraintName: "generation_usage_pkey" })
  day!: string;

  @Column("int")
  submitted!: number;

  /** of those submitted that day, deleted since */
  @Column("int", { default: 0 })
  removed!: number;

  @ManyToOne(() => UserEntity, { onDelete: "CASCADE" })
  @JoinColumn({ name: "user_id", foreignKeyConstraintName: "generation_usage_user_id_fkey" })
  user?: UserEntity;
}
