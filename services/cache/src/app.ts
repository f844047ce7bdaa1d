import type { Express } from "express";
import { createServiceApp, type ServiceAppParts } from "@vibe-friend/service-kit/service-app";
import { createChangeSettings } from "./domain/change-settings";
import { createFindAccess } from "./domain/find-access";
import { createListSettings } from "./domain/list-settings";
import type { ReadModelSource, Values } from "./domain/ports";
import { createReadModelRoutes } from "./inbound/read-models.routes";

/** Everything the cache service works with. */
export interface CacheDependencies extends ServiceAppParts {
  readonly source: ReadModelSource;
  readonly values: Values;
  readonly tokenSecret: string;
}

/** The read models behind the internal token. */
export function createApp(deps: CacheDependencies): Express {
  return createServiceApp(deps, (app) => {
    app.use(
      createReadModelRoutes(
        {
          findAccess: createFindAccess(deps),
          listSettings: createListSettings(deps),
          changeSettings: createChangeSettings(deps),
        },
        deps.tokenSecret,
      ),
    );
  });
}
