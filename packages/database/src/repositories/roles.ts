import { UserRoleEntity } from "../entities/user-role.entity";
import { NotFound } from "../errors";
import { violatesForeignKey } from "../map-fault";
import type { Sql } from "../sql";

/** What a user may do, as of now. */
export interface UserAccess {
  readonly roles: string[];
  readonly permissions: string[];
}

export interface Roles {
  findRoles(userId: string): Promise<string[]>;
  findPermissions(userId: string): Promise<string[]>;
  /** Both in one statement. */
  findAccess(userId: string): Promise<UserAccess>;
  /** Replaces a user's roles. @throws {NotFound} an unknown user or role */
  assign(userId: string, roles: readonly string[]): Promise<void>;
}

export function createRoles(sql: Sql): Roles {
  async function findAccess(userId: string): Promise<UserAccess> {
    const [row] = await sql.query<UserAccess>(
      `select coalesce(array_agg(distinct u.role_name) filter (where u.role_name is not null), '{}') as roles,
              coalesce(array_agg(distinct p.permission) filter (where p.permission is not null), '{}') as permissions
       from user_roles u left join role_permissions p on p.role_name = u.role_name
       where u.user_id = $1`,
      [userId],
    );
    return row ?? { roles: [], permissions: [] };
  }

  return {
    findAccess,
    findRoles: async (userId) => (await findAccess(userId)).roles,
    findPermissions: async (userId) => (await findAccess(userId)).permissions,
    async assign(userId, roles) {
      try {
        await sql.transaction((tx) =>
          tx.entities(async (manager) => {
            await manager.delete(UserRoleEntity, { userId });
            await manager.insert(
              UserRoleEntity,
              roles.map((roleName) => ({ userId, roleName })),
            );
          }),
        );
      } catch (error) {
        if (violatesForeignKey(error)) throw new NotFound("there is no such user or role");
        throw error;
      }
    },
  };
}
