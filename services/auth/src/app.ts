import type { Express } from "express";
import { withCallersBudget } from "@vibe-friend/redis-kit/degradation/callers-budget";
import { createServiceApp, type ServiceAppParts } from "@vibe-friend/service-kit/service-app";
import { createLogin } from "./domain/login";
import { createLogout } from "./domain/logout";
import type {
  AccountStore,
  AuditLog,
  Links,
  News,
  Passwords,
  Sessions,
  SettingsReader,
} from "./domain/ports";
import { createRedeemLink } from "./domain/redeem-link";
import { createRegister } from "./domain/register";
import { createSignIn } from "./domain/sign-in";
import { createAccountsRoutes } from "./inbound/accounts.routes";

export interface AuthDependencies extends ServiceAppParts {
  readonly accounts: AccountStore;
  readonly links: Links;
  readonly passwords: Passwords;
  readonly sessions: Sessions;
  readonly news: News;
  readonly audit: AuditLog;
  readonly settings: SettingsReader;
  readonly registration: "open" | "closed";
  readonly tokenSecret: string;
}

export function createApp(deps: AuthDependencies): Express {
  const ways = { ...deps, signIn: createSignIn(deps) };
  const useCases = {
    register: createRegister(ways),
    login: createLogin(ways),
    redeemLink: createRedeemLink(ways),
    logout: createLogout(ways),
  };
  return createServiceApp(
    deps,
    (app) => {
      app.use(createAccountsRoutes(useCases, deps.tokenSecret));
    },
    { aroundRequests: withCallersBudget },
  );
}
