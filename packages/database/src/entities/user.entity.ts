import { Column, Entity, Index, PrimaryColumn } from "typeorm";

@Entity("users")
// unique on lower(email), which decorators can't say
@Index("users_email_key", { synchronize: false })
@Index("users_by_time", ["createdAt", "id"])
export class UserEntity {
  @PrimaryColumn("uuid", { primaryKeyConstraintName: "users_pkey" })
  id!: string;

  @Column("text")
  email!: string;

  @Column("text", { name: "display_name" })
  displayName!: string;

  @Column("text", { name: "password_hash", nullable: true })
  passwordHash!: string | null;

  @Column("timestamptz", { name: "disabled_at", nullable: true })
  disabledAt!: Date | null;

  /** Sessions made under a lower epoch are over. */
  @Column("int", { name: "session_epoch", default: 1 })
  sessionEpoch!: number;

  @Column("timestamptz", { name: "created_at", default: () => "now()" })
  createdAt!: Date;

  @Column("timestamptz", { name: "updated_at", default: () => "now()" })
  updatedAt!: Date;
}
