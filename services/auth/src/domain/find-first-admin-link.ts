import { createLinkToken, hashLinkToken } from "./link-token";
import type { AccountStore, Admins, Links } from "./ports";

const LINK_TTL_MS = 24 * 3_600_000;
const FIRST_ADMIN_EMAIL = "admin@vibe-friend.local";

export interface FirstAdminLinkDependencies {
  readonly accounts: Pick<AccountStore, "create">;
  readonly admins: Admins;
  readonly links: Pick<Links, "replace">;
  /** where people reach the product, without a slash at the end */
  readonly publicUrl: string;
}

/**
 * A fresh sign-in link for the first admin, good for a day; older ones stop working. The account is made
 * if there is no admin yet.
 *
 * @returns undefined once any admin has signed in or has a password to do so
 */
export function createFindFirstAdminLink(dependencies: FirstAdminLinkDependencies) {
  const { accounts, admins, links, publicUrl } = dependencies;
  return async function findFirstAdminLink(): Promise<string | undefined> {
    const known = await admins.list();
    if (known.some((admin) => admin.hasEntered)) return undefined;
    const { id } = known[0] ?? (await accounts.create(firstAdmin));
    const token = createLinkToken();
    await links.replace({
      userId: id,
      tokenHash: hashLinkToken(token),
      name: "first admin",
      ttlMs: LINK_TTL_MS,
    });
    return `${publicUrl}/link#token=${token}`;
  };
}

const firstAdmin = {
  email: FIRST_ADMIN_EMAIL,
  displayName: "Admin",
  passwordHash: null,
  roles: ["admin", "user"],
};
