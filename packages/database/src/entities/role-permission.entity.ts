import { Entity, JoinColumn, ManyToOne, PrimaryColumn } from "typeorm";
import { RoleEntity } from "./role.entity";

@Entity("role_permissions")
export class RolePermissionEntity {
  @PrimaryColumn("text", { name: "role_name", primaryKeyConstraintName: "role_permissions_pkey" })
  roleName!: string;

  @PrimaryColumn("text", { primaryKeyConstraintName: "role_permissions_pkey" })
  permission!: string;

  @ManyToOne(() => RoleEntity, { onDelete: "CASCADE" })
  @JoinColumn({ name: "role_name", foreignKeyConstraintName: "role_permissions_role_name_fkey" })
  role?: RoleEntity;
}
