import type { EngineName, GenerationStatus } from "@vibe-friend/contracts/generation";
import type { GenerationProblem } from "@vibe-friend/contracts/problem";
import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from "typeorm";
import { UserEntity } from "./user.entity";

/**
 * A person's request, and the job. The indexes leave out what heartbeats and event batches change, so those
 * updates stay within the page (HOT).
 */
@Entity("generations")
@Check("generations_status_check", "status in ('queued', 'running', 'completed', 'failed', 'cancelled')")
@Check("generations_priority_check", "priority between 1 and 10")
@Index("generations_idempotency_key", ["userId", "idempotencyKey"], { unique: true })
@Index("generations_claim_order", ["priority", "createdAt", "id"], { where: "(status = 'queued'::text)" })
@Index("generations_waiting_by_user", ["userId", "priority", "createdAt", "id"], {
  where: "(status = 'queued'::text)",
})
@Index("generations_failed", ["finishedAt", "id"], { where: "(status = 'failed'::text)" })
@Index("generations_by_time", ["createdAt"])
@Index("generations_by_owner", ["userId", "createdAt", "id"])
@Index("generations_open_by_user", ["userId"], {
  where: "(status = ANY (ARRAY['queued'::text, 'running'::text]))",
})
@Index("generations_running", ["userId"], { where: "(status = 'running'::text)" })
export class GenerationEntity {
  @PrimaryColumn("uuid", { primaryKeyConstraintName: "generations_pkey" })
  id!: string;

  @Column("uuid", { name: "user_id" })
  userId!: string;

  @Column("text")
  prompt!: string;

  @Column("text")
  engine!: EngineName;

  @Column("text", { nullable: true })
  model!: string | null;

  @Column("text", { default: "queued" })
  status!: GenerationStatus;

  @Column("int", { default: 0 })
  progress!: number;

  @Column("int", { default: 0 })
  attempt!: number;

  /** 1 is first */
  @Column("int")
  priority!: number;

  @Column("jsonb", { nullable: true })
  error!: GenerationProblem | null;

  @Column("int", { name: "files_count", default: 0 })
  filesCount!: number;

  @Column("timestamptz", { name: "created_at", default: () => "now()" })
  createdAt!: Date;

  @Column("timestamptz", { name: "queued_at", default: () => "now()" })
  queuedAt!: Date;

  @Column("timestamptz", { name: "started_at", nullable: true })
  startedAt!: Date | null;

  @Column("timestamptz", { name: "finished_at", nullable: true })
  finishedAt!: Date | null;

  /** A run that failed and is worth another try waits until then. */
  @Column("timestamptz", { name: "run_after", nullable: true })
  runAfter!: Date | null;

  @Column("int", { name: "last_seq", default: 0 })
  lastSeq!: number;

  /** The queue brought it when it could not be claimed; the rows bring it again. */
  @Column("boolean", { default: false })
  deferred!: boolean;

  /** Rises with every claim, cancel and sweep; a write that carries an older one changes nothing. */
  @Column("bigint", { name: "claim_token", default: 0 })
  claimToken!: string;

  @Column("text", { name: "claimed_by", nullable: true })
  claimedBy!: string | null;

  @Column("timestamptz", { name: "lease_expires_at", nullable: true })
  leaseExpiresAt!: Date | null;

  @Column("text")
  mode!: "async" | "sync";

  @Column("text", { name: "idempotency_key", nullable: true })
  idempotencyKey!: string | null;

  @Column("text", { name: "idempotency_hash", nullable: true })
  idempotencyHash!: string | null;

  @Column("jsonb", { nullable: true })
  usage!: Record<string, unknown> | null;

  @ManyToOne(() => UserEntity)
  @JoinColumn({ name: "user_id", foreignKeyConstraintName: "generations_user_id_fkey" })
  user?: UserEntity;
}
