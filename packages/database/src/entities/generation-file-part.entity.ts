import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from "typeorm";
import { GenerationFileEntity } from "./generation-file.entity";

/** A large file's text, in order of `part`. */
@Entity("generation_file_parts")
export class GenerationFilePartEntity {
  @PrimaryColumn("uuid", { name: "generation_id", primaryKeyConstraintName: "generation_file_parts_pkey" })
  generationId!: string;

  @PrimaryColumn("text", { primaryKeyConstraintName: "generation_file_parts_pkey" })
  path!: string;

  /** from 0 */
  @PrimaryColumn("int", { primaryKeyConstraintName: "generation_file_parts_pkey" })
  part!: number;

  @Column("text")
  content!: string;

  @ManyToOne(() => GenerationFileEntity, { onDelete: "CASCADE" })
  @JoinColumn([
    {
      name: "generation_id",
      referencedColumnName: "generationId",
      foreignKeyConstraintName: "generation_file_parts_file_fkey",
    },
    {
      name: "path",
      referencedColumnName: "path",
      foreignKeyConstraintName: "generation_file_parts_file_fkey",
    },
  ])
  file?: GenerationFileEntity;
}
