import { findProblemCode } from "@vibe-friend/service-kit/problem-error";
import type { AccountStore, Admins, AuditLog, Passwords } from "./ports";

export interface FirstAdminDependencies {
  readonly accounts: AccountStore;
  readonly admins: Admins;
  readonly passwords: Passwords;
  readonly audit: AuditLog;
}

/** `address-taken`: somebody registered it before; they are not made an admin by a variable. */
export type FirstAdminOutcome = "made" | "exists" | "address-taken";

/** Makes the account of ADMIN_EMAIL and ADMIN_PASSWORD as long as there is no admin at all. */
export function createMakeFirstAdmin({ accounts, admins, passwords, audit }: FirstAdminDependencies) {
  return async function makeFirstAdmin(admin: {
    email: string;
    password: string;
  }): Promise<FirstAdminOutcome> {
    if ((await admins.list()).length > 0) return "exists";
    try {
      const account = await accounts.create({
        email: admin.email,
        displayName: "Admin",
        passwordHash: await passwords.hash(admin.password),
        roles: ["admin", "user"],
      });
      await audit.append({ userId: null, action: "auth.first-admin", target: account.id });
      return "made";
    } catch (error) {
      if (findProblemCode(error) !== "email_taken") throw error;
      // Another process may have been faster.
      return (await admins.list()).length > 0 ? "exists" : "address-taken";
    }
  };
}
