import { createAuditLog } from "@vibe-friend/database/repositories/audit-log";
import { createSettings } from "@vibe-friend/database/repositories/settings";
import { listenHttp } from "@vibe-friend/service-kit/listen-http";
import { startService } from "@vibe-friend/service-kit/start-service";
import { createArgon2Passwords } from "./adapters/argon2-passwords";
import { createBusNews } from "./adapters/bus-news";
import { connectStores } from "./adapters/connect-stores";
import { createDatabaseAccounts } from "./adapters/database-accounts";
import { createDatabaseAdmins } from "./adapters/database-admins";
import { createDatabaseAudit } from "./adapters/database-audit";
import { createDatabaseLinks } from "./adapters/database-links";
import { createDatabaseSettings } from "./adapters/database-settings";
import { makeAdminWhenPossible } from "./adapters/make-admin-when-possible";
import { createTellCaches } from "./adapters/tell-caches";
import { createApp } from "./app";
import { authSections } from "./config";
import { createMakeFirstAdmin } from "./domain/make-first-admin";

startService("auth", authSections, async (service) => {
  const { config, logger, lifecycle, health } = service;
  health.unreadyWhen((down) => down.has("database"));
  const { database, bus, cache, sessions } = await connectStores(config, service);
  const tellCaches = createTellCaches(cache);
  const parts = {
    accounts: createDatabaseAccounts(database, tellCaches),
    links: createDatabaseLinks(database, { tellCaches, sessions }),
    passwords: createArgon2Passwords(config.accounts.hashesAtOnce),
    audit: createDatabaseAudit(createAuditLog(database), logger),
  };
  const app = createApp({
    ...service,
    ...parts,
    sessions,
    news: createBusNews(bus),
    settings: createDatabaseSettings(createSettings(database)),
    registration: config.accounts.registration,
    tokenSecret: config.internal.tokenSecret,
  });
  const { firstAdmin } = config;
  if (firstAdmin !== undefined) {
    const makeFirstAdmin = createMakeFirstAdmin({ ...parts, admins: createDatabaseAdmins(database) });
    const { draining } = lifecycle;
    void makeAdminWhenPossible(() => makeFirstAdmin(firstAdmin), { logger, draining });
  }
  await listenHttp({ app, http: config.http, logger, lifecycle });
});
