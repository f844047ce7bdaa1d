import type { internalAuthCalls } from "@vibe-friend/contracts/internal";
import type { InternalClient } from "@vibe-friend/service-kit/internal-client";
import type { Accounts, SignInOrigin } from "../domain/ports";

/** The auth service over internal HTTP. */
export function createAccounts(auth: InternalClient<typeof internalAuthCalls>): Accounts {
  const envelope = <B>(body: B, { caller, previousToken }: SignInOrigin) => ({
    body,
    caller,
    ...(previousToken === undefined ? {} : { previousToken }),
  });
  const traced = ({ caller }: Pick<SignInOrigin, "caller">) => ({ requestId: caller.requestId });
  return {
    register: (body, from) => auth.call("register", envelope(body, from), traced(from)),
    login: (body, from) => auth.call("login", envelope(body, from), traced(from)),
    redeemLink: (body, from) => auth.call("redeem-link", envelope(body, from), traced(from)),
    async logout(session, caller) {
      await auth.call("logout", { ...session, caller }, traced({ caller }));
    },
  };
}
