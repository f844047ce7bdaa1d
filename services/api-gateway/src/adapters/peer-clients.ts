import { internalAuthCalls, internalCacheCalls } from "@vibe-friend/contracts/internal";
import { budgetHeaders } from "@vibe-friend/redis-kit/degradation/callers-budget";
import { createInternalClient } from "@vibe-friend/service-kit/internal-client";
import type { Logger } from "@vibe-friend/service-kit/logger";

export interface PeerClientsOptions {
  readonly authUrls: readonly string[];
  readonly cacheUrls: readonly string[];
  readonly secret: string;
  readonly logger: Logger;
}

/** Clients of auth (hashing passwords may queue, so it gets seconds) and cache (else Postgres is asked, soon). */
export function createPeerClients({ authUrls, cacheUrls, secret, logger }: PeerClientsOptions) {
  const caller = { issuer: "api-gateway", secret, logger, headers: budgetHeaders };
  return {
    auth: createInternalClient({
      ...caller,
      calls: internalAuthCalls,
      url: authUrls,
      audience: "auth",
      timeoutMs: 6000,
    }),
    cacheService: createInternalClient({
      ...caller,
      calls: internalCacheCalls,
      url: cacheUrls,
      audience: "cache",
      timeoutMs: 300,
    }),
  };
}
