import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from "typeorm";
import { GenerationEntity } from "./generation.entity";
import { UserEntity } from "./user.entity";

/** A person's inbox; `seq` rises by 1 per user. */
@Entity("notifications")
@Check("notifications_level_check", "level in ('info', 'success', 'warning', 'error')")
@Index("notifications_seq_key", ["userId", "seq"], { unique: true })
@Check("notifications_kind_check", "kind in ('completed', 'failed', 'limit', 'announcement')")
@Index("notifications_by_announcement", ["announcementId"], { where: "(announcement_id IS NOT NULL)" })
@Index("notifications_once_key", ["userId", "onceKey"], { unique: true })
@Index("notifications_unread", ["userId"], { where: "(read_at IS NULL)" })
export class NotificationEntity {
  @PrimaryColumn("uuid", { primaryKeyConstraintName: "notifications_pkey" })
  id!: string;

  @Column("uuid", { name: "user_id" })
  userId!: string;

  @Column("int")
  seq!: number;

  @Column("text")
  level!: "info" | "success" | "warning" | "error";

  @Column("text")
  kind!: "completed" | "failed" | "limit" | "announcement";

  @Column("text")
  title!: string;

  @Column("text", { default: "" })
  body!: string;

  @Column("uuid", { name: "generation_id", nullable: true })
  generationId!: string | null;

  /** the same for everybody who got it */
  @Column("uuid", { name: "announcement_id", nullable: true })
  announcementId!: string | null;

  /** said to a person only once */
  @Column("text", { name: "once_key", nullable: true })
  onceKey!: string | null;

  @Column("timestamptz", { name: "created_at", default: () => "now()" })
  createdAt!: Date;

  @Column("timestamptz", { name: "read_at", nullable: true })
  readAt!: Date | null;

  @ManyToOne(() => UserEntity, { onDelete: "CASCADE" })
  @JoinColumn({ name: "user_id", foreignKeyConstraintName: "notifications_user_id_fkey" })
  user?: UserEntity;

  @ManyToOne(() => GenerationEntity, { onDelete: "SET NULL" })
  @JoinColumn({ name: "generation_id", foreignKeyConstraintName: "notifications_generation_id_fkey" })
  generation?: GenerationEntity;
}
