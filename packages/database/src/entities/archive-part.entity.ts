import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from "typeorm";
import { ArchiveEntity } from "./archive.entity";

/** Bytes of an archive, in order of `part`. */
@Entity("archive_parts")
export class ArchivePartEntity {
  @PrimaryColumn("uuid", { name: "generation_id", primaryKeyConstraintName: "archive_parts_pkey" })
  generationId!: string;

  /** from 0 */
  @PrimaryColumn("int", { primaryKeyConstraintName: "archive_parts_pkey" })
  part!: number;

  @Column("bytea")
  content!: Buffer;

  @ManyToOne(() => ArchiveEntity, { onDelete: "CASCADE" })
  @JoinColumn({ name: "generation_id", foreignKeyConstraintName: "archive_parts_generation_id_fkey" })
  archive?: ArchiveEntity;
}
