import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from "typeorm";
import { UserEntity } from "./user.entity";

/** A run-time setting that differs from its default. */
@Entity("settings")
export class SettingEntity {
  @PrimaryColumn("text", { primaryKeyConstraintName: "settings_pkey" })
  key!: string;

  @Column("jsonb")
  value!: unknown;

  @Column("timestamptz", { name: "updated_at", default: () => "now()" })
  updatedAt!: Date;

  @Column("uuid", { name: "updated_by", nullable: true })
  updatedBy!: string | null;

  @ManyToOne(() => UserEntity, { onDelete: "SET NULL" })
  @JoinColumn({ name: "updated_by", foreignKeyConstraintName: "settings_updated_by_fkey" })
  user?: UserEntity;
}
