import type { User } from "@vibe-friend/contracts/auth";
import type { Revocation } from "@vibe-friend/redis-kit/sessions/session-truth";
import { v7 as createId } from "uuid";
import { UserEntity } from "../entities/user.entity";
import { EmailTaken, NotFound } from "../errors";
import { violates } from "../map-fault";
import type { Sql } from "../sql";
import { createRoles } from "./roles";
import { createSessionTruth } from "./session-truth";

/** A user with what signing in needs; never leaves the auth service. */
export interface UserAccount extends User {
  /** argon2id, or null for an account that has no password yet */
  readonly passwordHash: string | null;
  /** Sessions of a lower epoch are over. */
  readonly sessionEpoch: number;
}

export interface NewUser {
  readonly email: string;
  readonly displayName: string;
  readonly passwordHash: string | null;
  /** Names of existing roles. */
  readonly roles: readonly string[];
}

/** People. E-mail addresses compare without regard to case. */
export interface Users {
  /** @throws {EmailTaken} */
  create(user: NewUser): Promise<UserAccount>;
  findByEmail(email: string): Promise<UserAccount | undefined>;
  findById(id: string): Promise<UserAccount | undefined>;
  /** Sets the hash only: see `endSessions`. @throws {NotFound} */
  setPassword(id: string, passwordHash: string): Promise<void>;
  /** @throws {NotFound} */
  updateProfile(id: string, profile: { readonly displayName: string }): Promise<UserAccount>;
  /** Disabling raises the session epoch and revokes every session; Redis learns it from the journal. @throws {NotFound} */
  setDisabled(id: string, disabled: boolean): Promise<UserAccount>;
  /** Raises the session epoch, so that no sign-in under way gets through, and revokes every session; journaled. */
  endSessions(id: string): Promise<Revocation>;
  /** @throws {EmailTaken} @throws {NotFound} */
  setEmail(id: string, email: string): Promise<UserAccount>;
  /** Enabled users with the role `admin`. */
  countAdmins(): Promise<number>;
  count(): Promise<number>;
}

export function createUsers(sql: Sql): Users {
  const update = (id: string, changes: Partial<UserEntity>) => updateUser(sql, id, changes);

  return {
    async create(user) {
      return sql
        .transaction(async (tx) => {
          const account = await tx.entities(async (manager) => {
            const { email, displayName, passwordHash } = user;
            await manager.insert(UserEntity, { id: createId(), email, displayName, passwordHash });
            return manager.findOneByOrFail(UserEntity, { email });
          });
          await createRoles(tx).assign(account.id, user.roles);
          return toAccount(account);
        })
        .catch(throwEmailTaken);
    },
    async findByEmail(email) {
      const [row] = await sql.query<{ id: string }>("select id from users where lower(email) = lower($1)", [
        email,
      ]);
      return row && findUser(sql, row.id);
    },
    findById: (id) => findUser(sql, id),
    async setPassword(id, passwordHash) {
      await update(id, { passwordHash });
    },
    updateProfile: (id, { displayName }) => update(id, { displayName }),
    setEmail: (id, email) => update(id, { email }).catch(throwEmailTaken),
    setDisabled: (id, disabled) =>
      sql.transaction(async (tx) => {
        await tx.query(
          "update users set disabled_at = case when $2 then coalesce(disabled_at, now()) end where id = $1",
          [id, disabled],
        );
        if (disabled) await endSessions(tx, id);
        return updateUser(tx, id, {});
      }),
    endSessions: (id) => sql.transaction((tx) => endSessions(tx, id)),
    async countAdmins() {
      const [row] = await sql.query<{ count: number }>(
        `select count(*)::int as count from users u join user_roles r on r.user_id = u.id
         where r.role_name = 'admin' and u.disabled_at is null`,
      );
      return row?.count ?? 0;
    },
    count: () => sql.entities((manager) => manager.count(UserEntity)),
  };
}

async function endSessions(tx: Sql, id: string): Promise<Revocation> {
  await tx.query("update users set session_epoch = session_epoch + 1, updated_at = now() where id = $1", [
    id,
  ]);
  const note = { role: "state", kind: "session.revoked" } as const;
  return createSessionTruth(tx).revoke({ kind: "user", userId: id }, note);
}

async function findUser(sql: Sql, id: string): Promise<UserAccount | undefined> {
  const user = await sql.entities((manager) => manager.findOneBy(UserEntity, { id }));
  return user === null ? undefined : toAccount(user);
}

async function updateUser(sql: Sql, id: string, changes: Partial<UserEntity>): Promise<UserAccount> {
  const user = await sql.entities(async (manager) => {
    await manager.update(UserEntity, { id }, { ...changes, updatedAt: () => "now()" });
    return manager.findOneBy(UserEntity, { id });
  });
  if (user === null) throw new NotFound("there is no such user");
  return toAccount(user);
}

function throwEmailTaken(error: unknown): never {
  if (violates(error, "users_email_key")) throw new EmailTaken("this e-mail address has an account");
  throw error;
}

function toAccount(user: UserEntity): UserAccount {
  return {
    id: user.id,
    email: user.email,
    displayName: user.displayName,
    disabled: user.disabledAt !== null,
    createdAt: user.createdAt.toISOString(),
    passwordHash: user.passwordHash,
    sessionEpoch: user.sessionEpoch,
  };
}
