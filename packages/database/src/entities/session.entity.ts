import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from "typeorm";
import { UserEntity } from "./user.entity";

@Entity("sessions")
@Index("sessions_token_hash_key", ["tokenHash"], { unique: true })
@Index("sessions_open_by_user", ["userId"], { where: "(revoked_at IS NULL)" })
export class SessionEntity {
  @PrimaryColumn("uuid", { primaryKeyConstraintName: "sessions_pkey" })
  id!: string;

  /** hex SHA-256; the token itself is nowhere */
  @Column("text", { name: "token_hash" })
  tokenHash!: string;

  @Column("uuid", { name: "user_id" })
  userId!: string;

  @Column("int", { name: "user_epoch" })
  userEpoch!: number;

  @Column("timestamptz", { name: "created_at" })
  createdAt!: Date;

  @Column("timestamptz", { name: "last_seen_at" })
  lastSeenAt!: Date;

  @Column("timestamptz", { name: "idle_expires_at" })
  idleExpiresAt!: Date;

  @Column("timestamptz", { name: "absolute_expires_at" })
  absoluteExpiresAt!: Date;

  @Column("timestamptz", { name: "revoked_at", nullable: true })
  revokedAt!: Date | null;

  @Column("text", { name: "user_agent", nullable: true })
  userAgent!: string | null;

  @Column("text", { nullable: true })
  ip!: string | null;

  @ManyToOne(() => UserEntity, { onDelete: "CASCADE" })
  @JoinColumn({ name: "user_id", foreignKeyConstraintName: "sessions_user_id_fkey" })
  user?: UserEntity;
}
