import type { Router } from "express";
import { internalAuthCalls } from "@vibe-friend/contracts/internal";
import { createInternalRoutes } from "@vibe-friend/service-kit/internal-routes";
import type { createLogin } from "../domain/login";
import type { createLogout } from "../domain/logout";
import type { createRedeemLink } from "../domain/redeem-link";
import type { createRegister } from "../domain/register";

export interface AccountUseCases {
  readonly register: ReturnType<typeof createRegister>;
  readonly login: ReturnType<typeof createLogin>;
  readonly redeemLink: ReturnType<typeof createRedeemLink>;
  readonly logout: ReturnType<typeof createLogout>;
}

/** The gateway's calls, behind the internal token. */
export function createAccountsRoutes(useCases: AccountUseCases, tokenSecret: string): Router {
  return createInternalRoutes({
    calls: internalAuthCalls,
    audience: "auth",
    secret: tokenSecret,
    handlers: {
      register: ({ body, ...from }) => useCases.register(body, from),
      login: ({ body, ...from }) => useCases.login(body, from),
      "redeem-link": ({ body, ...from }) => useCases.redeemLink(body, from),
      logout: async (session) => {
        await useCases.logout(session);
        return {};
      },
    },
  });
}
