import type { Access } from "@vibe-friend/contracts/cached-values";
import type { SessionGrant } from "@vibe-friend/contracts/internal";
import { ProblemError } from "@vibe-friend/service-kit/problem-error";
import { unauthenticated, unavailable } from "./errors";
import type { AccessSource, Sessions } from "./ports";

/** Who asks, as far as known without asking what they may do. */
export interface Principal {
  readonly session: SessionGrant;
  /** Redis could not say who this is; the rest of the request had better not ask it either */
  readonly avoidRedis: boolean;
  /** asked for once per request, and only where it matters */
  readonly readAccess: () => Promise<Access>;
}

export interface CheckAccessDependencies {
  readonly sessions: Sessions;
  readonly access: AccessSource;
}

/** @throws unauthenticated only when the session is known not to be; unavailable when nobody could be asked */
export function createCheckSession({ sessions, access }: CheckAccessDependencies) {
  return async function checkSession(token: string | undefined): Promise<Principal> {
    if (token === undefined) throw unauthenticated();
    const found = await sessions.find(token);
    if (found.kind === "unavailable") throw unavailable("Sessions can't be checked right now", found.cause);
    if (found.kind === "none") throw unauthenticated();
    const { session, isDegraded } = found;
    let known: Promise<Access> | undefined;
    return {
      session,
      avoidRedis: isDegraded,
      readAccess: () => (known ??= readAccess(access, session.userId, isDegraded)),
    };
  };
}

async function readAccess(source: AccessSource, userId: string, avoidRedis: boolean): Promise<Access> {
  const access = await source.find(userId, { avoidRedis });
  if (access === undefined || access.user.disabled) throw unauthenticated();
  return access;
}

/** @throws forbidden */
export async function checkPermission(principal: Principal, permission: string): Promise<void> {
  const { permissions } = await principal.readAccess();
  if (permissions.includes(permission)) return;
  throw new ProblemError("forbidden", { detail: `This needs the permission ${permission}` });
}
