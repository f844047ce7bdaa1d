import type { Router } from "express";
import { internalCacheCalls } from "@vibe-friend/contracts/internal";
import { createInternalRoutes } from "@vibe-friend/service-kit/internal-routes";
import type { createReadAccess } from "../domain/read-access";
import type { createPutSettings, createReadSettings } from "../domain/settings";

export interface ReadModelUseCases {
  readonly readAccess: ReturnType<typeof createReadAccess>;
  readonly readSettings: ReturnType<typeof createReadSettings>;
  readonly putSettings: ReturnType<typeof createPutSettings>;
}

/** The gateway's calls, behind the internal token. */
export function createReadModelRoutes(useCases: ReadModelUseCases, tokenSecret: string): Router {
  return createInternalRoutes({
    calls: internalCacheCalls,
    audience: "cache",
    secret: tokenSecret,
    handlers: {
      permissions: ({ userId }) => useCases.readAccess(userId),
      settings: () => useCases.readSettings(),
      "put-settings": (change) => useCases.putSettings(change),
    },
  });
}
