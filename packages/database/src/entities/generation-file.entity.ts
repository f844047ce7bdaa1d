import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from "typeorm";
import { GenerationEntity } from "./generation.entity";

/** A file of the one run that became the result. */
@Entity("generation_files")
export class GenerationFileEntity {
  @PrimaryColumn("uuid", { name: "generation_id", primaryKeyConstraintName: "generation_files_pkey" })
  generationId!: string;

  @PrimaryColumn("text", { primaryKeyConstraintName: "generation_files_pkey" })
  path!: string;

  @Column("text")
  content!: string;

  @Column("int")
  bytes!: number;

  @Column("text")
  sha256!: string;

  @ManyToOne(() => GenerationEntity, { onDelete: "CASCADE" })
  @JoinColumn({ name: "generation_id", foreignKeyConstraintName: "generation_files_generation_id_fkey" })
  generation?: GenerationEntity;
}
