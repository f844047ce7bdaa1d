import { builtInRoles } from "@vibe-friend/contracts/permissions";
import type { MigrationInterface, QueryRunner } from "typeorm";
import { firstSchemaDown, firstSchemaUp } from "./first-schema-statements";

const descriptions = { admin: "Runs this installation", user: "Generates code" };

/** Everything the first version stores, and the roles that always exist. */
export class FirstSchema1763900000000 implements MigrationInterface {
  // TypeORM reads the name from the class; a minifier must not decide it.
  readonly name = "FirstSchema1763900000000";

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of firstSchemaUp) await runner.query(statement);
    for (const [role, permissions] of Object.entries(builtInRoles)) {
      await runner.query("insert into roles (name, description, builtin) values ($1, $2, true)", [
        role,
        descriptions[role as keyof typeof builtInRoles],
      ]);
      await runner.query(
        "insert into role_permissions (role_name, permission) select $1, unnest($2::text[])",
        [role, [...permissions]],
      );
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of firstSchemaDown) await runner.query(statement);
  }
}
