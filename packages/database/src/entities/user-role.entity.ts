import { Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from "typeorm";
import { RoleEntity } from "./role.entity";
import { UserEntity } from "./user.entity";

@Entity("user_roles")
@Index("user_roles_role_name", ["roleName"])
export class UserRoleEntity {
  @PrimaryColumn("uuid", { name: "user_id", primaryKeyConstraintName: "user_roles_pkey" })
  userId!: string;

  @PrimaryColumn("text", { name: "role_name", primaryKeyConstraintName: "user_roles_pkey" })
  roleName!: string;

  @ManyToOne(() => UserEntity, { onDelete: "CASCADE" })
  @JoinColumn({ name: "user_id", foreignKeyConstraintName: "user_roles_user_id_fkey" })
  user?: UserEntity;

  @ManyToOne(() => RoleEntity, { onDelete: "CASCADE" })
  @JoinColumn({ name: "role_name", foreignKeyConstraintName: "user_roles_role_name_fkey" })
  role?: RoleEntity;
}
