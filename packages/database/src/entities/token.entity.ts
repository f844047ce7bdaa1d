import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from "typeorm";
import { UserEntity } from "./user.entity";

/** Personal access tokens (`pat`) and one-time links (`link`). */
@Entity("tokens")
@Check("tokens_kind_check", "kind in ('pat', 'link')")
@Index("tokens_token_hash_key", ["tokenHash"], { unique: true })
@Index("tokens_by_user", ["userId"])
export class TokenEntity {
  @PrimaryColumn("uuid", { primaryKeyConstraintName: "tokens_pkey" })
  id!: string;

  @Column("text")
  kind!: "pat" | "link";

  /** hex SHA-256 */
  @Column("text", { name: "token_hash" })
  tokenHash!: string;

  @Column("uuid", { name: "user_id" })
  userId!: string;

  @Column("text")
  name!: string;

  @Column("text", { array: true, default: () => "'{}'" })
  scopes!: string[];

  @Column("timestamptz", { name: "created_at", default: () => "now()" })
  createdAt!: Date;

  @Column("timestamptz", { name: "expires_at", nullable: true })
  expiresAt!: Date | null;

  @Column("timestamptz", { name: "used_at", nullable: true })
  usedAt!: Date | null;

  @Column("timestamptz", { name: "revoked_at", nullable: true })
  revokedAt!: Date | null;

  @Column("timestamptz", { name: "last_used_at", nullable: true })
  lastUsedAt!: Date | null;

  @ManyToOne(() => UserEntity, { onDelete: "CASCADE" })
  @JoinColumn({ name: "user_id", foreignKeyConstraintName: "tokens_user_id_fkey" })
  user?: UserEntity;
}
