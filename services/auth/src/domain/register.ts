import type { RegisterBody } from "@vibe-friend/contracts/auth";
import type { SignedIn } from "@vibe-friend/contracts/internal";
import { checkNewPassword } from "./check-password";
import { registrationClosed } from "./errors";
import type { AccountStore, Passwords, SettingsReader } from "./ports";
import type { SignIn, SignInOrigin } from "./sign-in";

export interface RegisterDependencies {
  readonly accounts: AccountStore;
  readonly passwords: Passwords;
  readonly settings: SettingsReader;
  readonly signIn: SignIn;
  /** REGISTRATION: what the unset setting means */
  readonly registration: "open" | "closed";
}

/** @throws registration_closed, email_taken, invalid_request for a password that is too short or too common */
export function createRegister(dependencies: RegisterDependencies) {
  const { accounts, passwords, settings, signIn } = dependencies;
  return async function register(body: RegisterBody, from: SignInOrigin): Promise<SignedIn> {
    const values = await settings.read();
    if ((values.registration ?? dependencies.registration) === "closed") throw registrationClosed();
    checkNewPassword(body.password, values["password.minLength"]);
    const account = await accounts.create({
      email: body.email,
      displayName: body.displayName ?? body.email.slice(0, body.email.indexOf("@")),
      passwordHash: await passwords.hash(body.password),
      roles: ["user"],
    });
    return await signIn(account, "auth.register", from);
  };
}
