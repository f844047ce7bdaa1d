import type { RedeemLinkBody } from "@vibe-friend/contracts/auth";
import type { SignedIn } from "@vibe-friend/contracts/internal";
import { checkNewPassword } from "./check-password";
import { invalidLink } from "./errors";
import { hashLinkToken } from "./link-token";
import type { Links, News, Passwords, SettingsReader } from "./ports";
import type { SignIn, SignInOrigin } from "./sign-in";

export interface RedeemLinkDependencies {
  readonly links: Links;
  readonly passwords: Passwords;
  readonly settings: SettingsReader;
  readonly news: News;
  readonly signIn: SignIn;
}

/**
 * Signs in with a one-time link. A password or e-mail address that comes with it becomes the account's; a
 * new password ends all its other sessions. A refused password or address leaves the link usable.
 *
 * @throws invalid_link, email_taken, invalid_request
 */
export function createRedeemLink(dependencies: RedeemLinkDependencies) {
  const { links, passwords, settings, news, signIn } = dependencies;
  return async function redeemLink(body: RedeemLinkBody, from: SignInOrigin): Promise<SignedIn> {
    const tokenHash = hashLinkToken(body.token);
    const owner = await links.findAccount(tokenHash);
    if (owner === undefined || owner.disabled) throw invalidLink();
    if (body.password !== undefined) {
      checkNewPassword(body.password, (await settings.read())["password.minLength"]);
    }
    const redeemed = await links.redeem(tokenHash, {
      ...(body.email === undefined ? {} : { email: body.email }),
      ...(body.password === undefined ? {} : { passwordHash: await passwords.hash(body.password) }),
    });
    if (redeemed === undefined) throw invalidLink();
    await news.sessionsRevoked(redeemed.ended);
    return await signIn(redeemed.account, "auth.link", from);
  };
}
