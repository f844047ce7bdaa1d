import { Column, Entity, PrimaryColumn } from "typeorm";

@Entity("roles")
export class RoleEntity {
  @PrimaryColumn("text", { primaryKeyConstraintName: "roles_pkey" })
  name!: string;

  @Column("text", { default: "" })
  description!: string;

  @Column("boolean", { default: false })
  builtin!: boolean;
}
