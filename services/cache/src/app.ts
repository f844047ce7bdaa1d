import type { Express } from "express";
import { createServiceApp, type ServiceAppParts } from "@vibe-friend/service-kit/service-app";
import type { AccessStore, AuditLog, ReadModelCache, SettingsStore } from "./domain/ports";
import { createReadAccess } from "./domain/read-access";
import { createPutSettings, createReadSettings } from "./domain/settings";
import { createReadModelRoutes } from "./inbound/read-models.routes";

export interface CacheDependencies extends ServiceAppParts {
  readonly cache: ReadModelCache;
  readonly access: AccessStore;
  readonly settings: SettingsStore;
  readonly audit: AuditLog;
  readonly tokenSecret: string;
}

export function createApp(deps: CacheDependencies): Express {
  const { cache, access, settings, audit, tokenSecret } = deps;
  const useCases = {
    readAccess: createReadAccess({ cache, store: access }),
    readSettings: createReadSettings({ cache, store: settings }),
    putSettings: createPutSettings({ cache, store: settings, audit }),
  };
  return createServiceApp(deps, (app) => {
    app.use(createReadModelRoutes(useCases, tokenSecret));
  });
}
