import type { Access } from "@vibe-friend/contracts/cached-values";
import { ProblemError } from "@vibe-friend/service-kit/problem-error";

/** Who a user is and what they may do. @throws not_found, so that nothing is cached about nobody */
export function createLoadAccess(find: (userId: string) => Promise<Access | undefined>) {
  return async function loadAccess(userId: string): Promise<Access> {
    const access = await find(userId);
    if (access === undefined) throw new ProblemError("not_found", { detail: "There is no such user" });
    return access;
  };
}
