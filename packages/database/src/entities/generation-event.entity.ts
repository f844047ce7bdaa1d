import type { GenerationEventBody } from "@vibe-friend/contracts/generation-event";
import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from "typeorm";
import { GenerationEntity } from "./generation.entity";

/** A batch of events, committed together: `seq_from` to `seq_to` without a gap. Never renumbered. */
@Entity("generation_events")
export class GenerationEventEntity {
  @PrimaryColumn("uuid", { name: "generation_id", primaryKeyConstraintName: "generation_events_pkey" })
  generationId!: string;

  /** In the key because readers ask for what ends above a seq. */
  @PrimaryColumn("int", { name: "seq_to", primaryKeyConstraintName: "generation_events_pkey" })
  seqTo!: number;

  @Column("int", { name: "seq_from" })
  seqFrom!: number;

  @Column("jsonb")
  events!: GenerationEventBody[];

  @Column("timestamptz", { name: "created_at", default: () => "clock_timestamp()" })
  createdAt!: Date;

  @ManyToOne(() => GenerationEntity, { onDelete: "CASCADE" })
  @JoinColumn({ name: "generation_id", foreignKeyConstraintName: "generation_events_generation_id_fkey" })
  generation?: GenerationEntity;
}
