import { internalAuthCalls, internalCacheCalls } from "@vibe-friend/contracts/internal";
import { budgetHeaders } from "@vibe-friend/redis-kit/degradation/callers-budget";
import { createInternalClient } from "@vibe-friend/service-kit/internal-client";
import type { Logger } from "@vibe-friend/service-kit/logger";

export interface PeerClientsOptions {
  readonly authUrl: string;
  readonly cacheUrl: string;
  readonly secret: string;
  readonly logger: Logger;
}

/** Clients of auth (hashing passwords may queue, so it gets seconds) and cache (else Postgres is asked, soon). */
export function createPeerClients({ authUrl, cacheUrl, secret, logger }: PeerClientsOptions) {
  const caller = { issuer: "api-gateway", secret, logger, headers: budgetHeaders };
  return {
    auth: createInternalClient({
      ...caller,
      calls: internalAuthCalls,
      url: authUrl,
      audience: "auth",
      timeoutMs: 6000,
    }),
    cacheService: createInternalClient({
      ...caller,
      calls: internalCacheCalls,
      url: cacheUrl,
      audience: "cache",
      timeoutMs: 300,
    }),
  };
}
