import type { User } from "@vibe-friend/contracts/auth";
import type { Caller, SignedIn } from "@vibe-friend/contracts/internal";
import type { Account, AuditLog, News, Sessions } from "./ports";

export interface SignInDependencies {
  readonly sessions: Sessions;
  readonly news: News;
  readonly audit: AuditLog;
}

export interface SignInOrigin {
  readonly caller: Caller;
  /** the cookie the browser had: that session ends, whoever's it was */
  readonly previousToken?: string | undefined;
}

/** The last step of every way in: a new session always, the old one ended, an entry in the audit log. */
export function createSignIn({ sessions, news, audit }: SignInDependencies) {
  return async function signIn(account: Account, action: string, from: SignInOrigin): Promise<SignedIn> {
    const { caller, previousToken } = from;
    const session = {
      userId: account.id,
      userEpoch: account.sessionEpoch,
      ...(caller.userAgent === undefined ? {} : { userAgent: caller.userAgent }),
      ...(caller.ip === undefined ? {} : { ip: caller.ip }),
    };
    const made: Awaited<ReturnType<Sessions["rotate"]>> =
      previousToken === undefined
        ? await sessions.create(session)
        : await sessions.rotate(previousToken, session);
    const { token, record, ended } = made;
    if (ended !== undefined) await news.sessionsRevoked([ended]);
    await audit.append({ userId: account.id, action, target: record.id, caller });
    return { user: describeUser(account), session: record, token };
  };
}

export type SignIn = ReturnType<typeof createSignIn>;

function describeUser({ id, email, displayName, disabled, createdAt }: Account): User {
  return { id, email, displayName, disabled, createdAt };
}
