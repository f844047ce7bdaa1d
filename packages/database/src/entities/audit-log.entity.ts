import { Column, Entity, Index, PrimaryColumn } from "typeorm";

/** Who did what, from where. A trigger refuses every change; no foreign keys, so nothing reaches in. */
@Entity("audit_logs")
@Index("audit_logs_by_time", ["createdAt", "id"])
export class AuditLogEntity {
  @PrimaryColumn("uuid", { primaryKeyConstraintName: "audit_logs_pkey" })
  id!: string;

  @Column("uuid", { name: "user_id", nullable: true })
  userId!: string | null;

  @Column("text")
  action!: string;

  @Column("text", { nullable: true })
  target!: string | null;

  @Column("jsonb", { default: () => "'{}'" })
  details!: Record<string, unknown>;

  @Column("text", { nullable: true })
  ip!: string | null;

  @Column("text", { name: "user_agent", nullable: true })
  userAgent!: string | null;

  @Column("text", { name: "request_id", nullable: true })
  requestId!: string | null;

  @Column("timestamptz", { name: "created_at", default: () => "clock_timestamp()" })
  createdAt!: Date;
}
