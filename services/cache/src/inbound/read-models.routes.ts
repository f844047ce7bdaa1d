import type { Access, StoredSettings } from "@vibe-friend/contracts/cached-values";
import { internalCacheCalls } from "@vibe-friend/contracts/internal";
import { createInternalRoutes } from "@vibe-friend/service-kit/internal-routes";
import type { Router } from "express";
import type { SettingsChange } from "../domain/ports";

export interface ReadModelUseCases {
  readonly findAccess: (userId: string) => Promise<Access>;
  readonly listSettings: () => Promise<StoredSettings>;
  readonly changeSettings: (change: SettingsChange) => Promise<StoredSettings>;
}

export function createReadModelRoutes(useCases: ReadModelUseCases, secret: string): Router {
  return createInternalRoutes({
    calls: internalCacheCalls,
    audience: "cache",
    secret,
    handlers: {
      permissions: ({ userId }) => useCases.findAccess(userId),
      settings: () => useCases.listSettings(),
      "put-settings": (change) => useCases.changeSettings(change),
    },
  });
}
