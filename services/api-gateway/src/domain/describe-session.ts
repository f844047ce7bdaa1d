import type { Session } from "@vibe-friend/contracts/auth";
import type { SessionGrant } from "@vibe-friend/contracts/internal";

/** A session as its owner sees it. */
export function describeSession(grant: SessionGrant, currentId: string): Session {
  const time = (ms: number) => new Date(ms).toISOString();
  return {
    id: grant.id,
    createdAt: time(grant.createdAt),
    lastSeenAt: time(grant.lastSeenAt),
    idleExpiresAt: time(grant.idleExpiresAt),
    absoluteExpiresAt: time(grant.absoluteExpiresAt),
    userAgent: grant.userAgent ?? null,
    ip: grant.ip ?? null,
    current: grant.id === currentId,
  };
}
