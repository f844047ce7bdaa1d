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
  throw new Error(`not yet ${typeof sql}`);
}
