import { connectDatabase } from "@vibe-friend/database/data-source";
import { loadConfig } from "@vibe-friend/service-kit/load-config";
import { explainStartError } from "@vibe-friend/service-kit/start-service";
import { createDatabaseAccounts } from "./adapters/database-accounts";
import { createDatabaseAdmins } from "./adapters/database-admins";
import { createDatabaseLinks } from "./adapters/database-links";
import { leaveToJournal } from "./adapters/tell-caches";
import { firstAdminLinkSections } from "./config";
import { createFindFirstAdminLink } from "./domain/find-first-admin-link";

const WAIT_FOR_DATABASE_MS = 10_000;

/** Prints `{"link": "…"}`, or `{"link": null}` when an admin has signed in or ADMIN_EMAIL makes one. */
async function main(): Promise<void> {
  const config = loadConfig(firstAdminLinkSections, process.env);
  const database = await connectDatabase({
    ...config.database,
    poolSize: 1,
    applicationName: "first-admin",
    waitForMs: WAIT_FOR_DATABASE_MS,
  });
  try {
    const findFirstAdminLink = createFindFirstAdminLink({
      accounts: createDatabaseAccounts(database, leaveToJournal),
      admins: createDatabaseAdmins(database),
      links: createDatabaseLinks(database, {
        tellCaches: leaveToJournal,
        sessions: { finishRevocation: () => Promise.resolve() },
      }),
      publicUrl: config.publicUrl,
    });
    const link = config.firstAdmin === undefined ? await findFirstAdminLink() : undefined;
    process.stdout.write(`${JSON.stringify({ link: link ?? null })}\n`);
  } finally {
    await database.close();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${explainStartError("first-admin", error)}\n`);
  process.exitCode = 1;
});
