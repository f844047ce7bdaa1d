import { USERS_TAG, userTag } from "@vibe-friend/contracts/read-models";
import type { Revocation } from "@vibe-friend/redis-kit/sessions/session-truth";
import { NotFound } from "../errors";
import type { Sql } from "../sql";
import { createRedisJournal } from "./redis-journal";
import { createRoles } from "./roles";
import { createUsers, type NewUser, type UserAccount } from "./users";

/** A committed change of somebody's account. */
export interface UserChange {
  readonly account: UserAccount;
  /** what it made wrong in caches: Redis is to be told now, and the row of the journal says so until it was */
  readonly invalidated: { readonly tags: readonly string[]; readonly journalId: string };
  /** the sessions that a new password or disabling ended: Redis is to be told of these too */
  readonly ended: Revocation;
}

/** Writes to people that others have cached: change and journal are one transaction. */
export interface UserChanges {
  /** @throws {EmailTaken} */
  create(user: NewUser): Promise<UserChange>;
  /** A new password ends every session. @throws {EmailTaken} @throws {NotFound} */
  edit(id: string, changes: { readonly email?: string; readonly passwordHash?: string }): Promise<UserChange>;
  /** Disabling ends every session. @throws {NotFound} */
  setDisabled(id: string, disabled: boolean): Promise<UserChange>;
  /** Replaces the user's roles. @throws {NotFound} an unknown user or role */
  assignRoles(id: string, roles: readonly string[]): Promise<UserChange>;
}

export function createUserChanges(sql: Sql): UserChanges {
  function change(
    write: (tx: Sql) => Promise<UserAccount>,
    end: (tx: Sql) => Promise<Revocation> = () => Promise.resolve({ sessions: [] }),
  ): Promise<UserChange> {
    return sql.transaction(async (tx) => {
      const ended = await end(tx);
      const account = await write(tx);
      const tags = [USERS_TAG, userTag(account.id)];
      const note = { role: "cache", kind: "cache.invalidated" } as const;
      const journalId = await createRedisJournal(tx).append(note, { tags });
      return { account, invalidated: { tags, journalId }, ended };
    });
  }
  return {
    create: (user) => change((tx) => createUsers(tx).create(user)),
    edit: (id, { email, passwordHash }) =>
      change(
        async (tx) => {
          const users = createUsers(tx);
          if (passwordHash !== undefined) await users.setPassword(id, passwordHash);
          return email === undefined ? await readUser(tx, id) : await users.setEmail(id, email);
        },
        passwordHash === undefined ? undefined : (tx) => createUsers(tx).endSessions(id),
      ),
    setDisabled: (id, disabled) =>
      change(
        (tx) => createUsers(tx).setDisabled(id, disabled),
        disabled ? (tx) => createUsers(tx).endSessions(id) : undefined,
      ),
    assignRoles: (id, roles) =>
      change(async (tx) => {
        await createRoles(tx).assign(id, roles);
        return await readUser(tx, id);
      }),
  };
}

async function readUser(sql: Sql, id: string): Promise<UserAccount> {
  const account = await createUsers(sql).findById(id);
  if (account === undefined) throw new NotFound("there is no such user");
  return account;
}
