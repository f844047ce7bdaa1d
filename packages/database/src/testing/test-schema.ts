import { connectDatabase, type Database, type DatabaseOptions } from "../data-source";
import { runMigrations } from "../migrate";
import type { NewGeneration } from "../repositories/generation-records";
import { createUsers } from "../repositories/users";

/** A migrated database of its own. */
export interface TestSchema {
  readonly url: string;
  readonly database: Database;
  /** Makes a user. @returns the id */
  addUser(): Promise<string>;
  drop(): Promise<void>;
}

/** Migrates an empty database (as local-stack's `useTestPostgres` gives it) and connects to it. */
export async function prepareTestSchema(
  postgres: { readonly url: string; drop(): Promise<void> },
  options: Partial<DatabaseOptions> = {},
): Promise<TestSchema> {
  await runMigrations(postgres.url);
  const database = await connectDatabase({
    url: postgres.url,
    applicationName: "test",
    waitForMs: 15_000,
    // Tests of what is true, on a machine that may be busy; how long it takes is tested elsewhere.
    queryTimeoutMs: 15_000,
    ...options,
  });
  let people = 0;
  return {
    url: postgres.url,
    database,
    async addUser() {
      people += 1;
      const user = await createUsers(database).create({
        email: `person${people}@example.org`,
        displayName: `Person ${people}`,
        passwordHash: null,
        roles: ["user"],
      });
      return user.id;
    },
    async drop() {
      await database.close();
      await postgres.drop();
    },
  };
}

/** A submission without limits; say only what matters. */
export function newGeneration(userId: string, given: Partial<NewGeneration> = {}): NewGeneration {
  return {
    userId,
    prompt: "a library with books",
    engine: "builtin",
    priority: 5,
    mode: "async",
    maxOpen: 0,
    dailyLimit: 0,
    ...given,
  };
}

/** The whole text of an opened file. */
export async function readText(content: AsyncIterable<string>): Promise<string> {
  let text = "";
  for await (const part of content) text += part;
  return text;
}
