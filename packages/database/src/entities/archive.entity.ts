import type { GenerationProblem } from "@vibe-friend/contracts/problem";
import { Check, Column, Entity, Index, JoinColumn, OneToOne, PrimaryColumn } from "typeorm";
import { GenerationEntity } from "./generation.entity";

/** A generation's zip: the job that builds it, and what it has built so far. */
@Entity("archives")
@Check("archives_status_check", "status in ('queued', 'building', 'ready', 'failed')")
@Index("archives_waiting", ["queuedAt"], { where: "(status = 'queued'::text)" })
@Index("archives_building", ["leaseExpiresAt"], { where: "(status = 'building'::text)" })
export class ArchiveEntity {
  @PrimaryColumn("uuid", { name: "generation_id", primaryKeyConstraintName: "archives_pkey" })
  generationId!: string;

  @Column("text", { default: "queued" })
  status!: "queued" | "building" | "ready" | "failed";

  @Column("int", { default: 0 })
  attempt!: number;

  /** Rises with every claim; a write that carries an older one changes nothing. */
  @Column("bigint", { name: "claim_token", default: 0 })
  claimToken!: string;

  @Column("text", { name: "claimed_by", nullable: true })
  claimedBy!: string | null;

  @Column("timestamptz", { name: "lease_expires_at", nullable: true })
  leaseExpiresAt!: Date | null;

  @Column("int", { default: 0 })
  parts!: number;

  @Column("bigint", { default: 0 })
  bytes!: string;

  @Column("jsonb", { nullable: true })
  error!: GenerationProblem | null;

  @Column("timestamptz", { name: "queued_at", default: () => "now()" })
  queuedAt!: Date;

  @Column("timestamptz", { name: "finished_at", nullable: true })
  finishedAt!: Date | null;

  /** Archives nobody has asked for in a while are deleted; they can be built again. */
  @Column("timestamptz", { name: "used_at", default: () => "now()" })
  usedAt!: Date;

  @OneToOne(() => GenerationEntity, { onDelete: "CASCADE" })
  @JoinColumn({ name: "generation_id", foreignKeyConstraintName: "archives_generation_id_fkey" })
  generation?: GenerationEntity;
}
