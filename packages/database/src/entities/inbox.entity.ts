import { Column, Entity, JoinColumn, OneToOne, PrimaryColumn } from "typeorm";
import { UserEntity } from "./user.entity";

/** Where a person's notifications stand; its row lock gives them their order. */
@Entity("inboxes")
export class InboxEntity {
  @PrimaryColumn("uuid", { name: "user_id", primaryKeyConstraintName: "inboxes_pkey" })
  userId!: string;

  @Column("int", { name: "last_seq" })
  lastSeq!: number;

  @OneToOne(() => UserEntity, { onDelete: "CASCADE" })
  @JoinColumn({ name: "user_id", foreignKeyConstraintName: "inboxes_user_id_fkey" })
  user?: UserEntity;
}
