import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from "typeorm";
import { GenerationEntity } from "./generation.entity";

/** A file, saved as it closed; of a completed generation all of them are its result. */
@Entity("generation_files")
export class GenerationFileEntity {
  @PrimaryColumn("uuid", { name: "generation_id", primaryKeyConstraintName: "generation_files_pkey" })
  generationId!: string;

  @PrimaryColumn("text", { primaryKeyConstraintName: "generation_files_pkey" })
  path!: string;

  /** null: the text is in parts */
  @Column("text", { nullable: true })
  content!: string | null;

  /** left open by a run that ended */
  @Column("boolean", { default: false })
  partial!: boolean;

  @Column("int")
  bytes!: number;

  @Column("text")
  sha256!: string;

  @ManyToOne(() => GenerationEntity, { onDelete: "CASCADE" })
  @JoinColumn({ name: "generation_id", foreignKeyConstraintName: "generation_files_generation_id_fkey" })
  generation?: GenerationEntity;
}
