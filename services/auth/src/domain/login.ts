import type { LoginBody } from "@vibe-friend/contracts/auth";
import type { SignedIn } from "@vibe-friend/contracts/internal";
import { invalidCredentials } from "./errors";
import type { AccountStore, AuditLog, Passwords } from "./ports";
import type { SignIn, SignInOrigin } from "./sign-in";

export interface LoginDependencies {
  readonly accounts: AccountStore;
  readonly passwords: Passwords;
  readonly audit: AuditLog;
  readonly signIn: SignIn;
}

/**
 * A password is hashed whether the account exists or not, so that neither answer nor time tells.
 *
 * @throws invalid_credentials for an unknown address, a wrong password and a disabled account alike
 */
export function createLogin({ accounts, passwords, audit, signIn }: LoginDependencies) {
  return async function login(body: LoginBody, from: SignInOrigin): Promise<SignedIn> {
    const account = await accounts.findByEmail(body.email);
    const isRight = await passwords.verify(body.password, account?.passwordHash ?? null);
    if (!isRight || account === undefined || account.disabled) {
      const target = account?.id;
      await audit.append({
        userId: null,
        action: "auth.login-failed",
        ...(target === undefined ? {} : { target }),
        caller: from.caller,
      });
      throw invalidCredentials();
    }
    if (account.passwordHash !== null && passwords.isOutdated(account.passwordHash)) {
      await accounts.setPassword(account.id, await passwords.hash(body.password));
    }
    return await signIn(account, "auth.login", from);
  };
}
