import { createHash, randomBytes } from "node:crypto";
import { ProblemError } from "@vibe-friend/service-kit/problem-error";
import type { SettingValues } from "@vibe-friend/contracts/settings";
import { createLogin } from "../domain/login";
import { createLogout } from "../domain/logout";
import type {
  Account,
  AccountStore,
  Admins,
  AuditEntry,
  AuditLog,
  EndedSession,
  Links,
  News,
  Passwords,
  Sessions,
  SettingsReader,
} from "../domain/ports";
import { createRedeemLink } from "../domain/redeem-link";
import { createRegister } from "../domain/register";
import { createSignIn } from "../domain/sign-in";

/** Accounts, links and sessions in memory, with the real use cases on top. */
export function createMemoryAuth(options: { registration?: "open" | "closed" } = {}) {
  const accounts = new Map<string, Account & { roles: readonly string[] }>();
  const links = new Map<string, { userId: string; isOpen: boolean }>();
  const open = new Map<string, EndedSession>();
  const entries: AuditEntry[] = [];
  const told: EndedSession[] = [];
  const hashed: string[] = [];
  const values: SettingValues = {};
  let ids = 0;
  const nextId = () => `01890000-0000-7000-8000-${String((ids += 1)).padStart(12, "0")}`;

  const byEmail = (email: string) => [...accounts.values()].find((account) => account.email === email);
  const change = (id: string, changes: Partial<Account>) => {
    const account = accounts.get(id);
    if (account !== undefined) accounts.set(id, { ...account, ...changes });
  };

  const accountStore: AccountStore = {
    // eslint-disable-next-line @typescript-eslint/require-await -- rejects where the real one does
    async create(account) {
      if (byEmail(account.email) !== undefined) throw new ProblemError("email_taken");
      const id = nextId();
      const createdAt = "2026-01-01T00:00:00.000Z";
      const made = { ...account, id, disabled: false, createdAt, sessionEpoch: 1 };
      accounts.set(id, made);
      return made;
    },
    findByEmail: (email) => Promise.resolve(byEmail(email)),
    findById: (id) => Promise.resolve(accounts.get(id)),
    setPassword: (id, passwordHash) => {
      change(id, { passwordHash });
      return Promise.resolve();
    },
  };

  const linkStore: Links = {
    findAccount(tokenHash) {
      const link = links.get(tokenHash);
      return Promise.resolve(link?.isOpen === true ? accounts.get(link.userId) : undefined);
    },
    // eslint-disable-next-line @typescript-eslint/require-await -- rejects where the real one does
    async redeem(tokenHash, wanted) {
      const link = links.get(tokenHash);
      if (link?.isOpen !== true) return undefined;
      if (wanted.email !== undefined && byEmail(wanted.email) !== undefined)
        throw new ProblemError("email_taken");
      link.isOpen = false;
      change(link.userId, wanted);
      const account = accounts.get(link.userId);
      const { passwordHash } = wanted;
      const ended = passwordHash === undefined ? [] : end((session) => session.userId === link.userId);
      return account && { account, ended };
    },
    replace({ userId, tokenHash }) {
      for (const link of links.values()) if (link.userId === userId) link.isOpen = false;
      links.set(tokenHash, { userId, isOpen: true });
      return Promise.resolve();
    },
  };

  const sessions: Sessions = {
    create({ userId, userEpoch }) {
      const token = randomBytes(32).toString("base64url");
      const record = { id: nextId(), userId, userEpoch, ...sessionTimes };
      open.set(token, { id: record.id, userId });
      return Promise.resolve({ token, record });
    },
    revoke: (sessionId, userId) =>
      Promise.resolve(end((session) => session.id === sessionId && session.userId === userId)[0]),
    async rotate(token, session) {
      const [ended] = end((_session, own) => own === token);
      return { ...(await sessions.create(session)), ...(ended === undefined ? {} : { ended }) };
    },
  };

  function end(isMeant: (session: EndedSession, token: string) => boolean): EndedSession[] {
    const ended = [...open].filter(([token, session]) => isMeant(session, token));
    for (const [token] of ended) open.delete(token);
    return ended.map(([, session]) => session);
  }

  const passwords: Passwords = {
    hash(password) {
      hashed.push(password);
      return Promise.resolve(`new:${fold(password)}`);
    },
    verify(password, hash) {
      hashed.push(password);
      return Promise.resolve(hash?.split(":")[1] === fold(password));
    },
    isOutdated: (hash) => !hash.startsWith("new:"),
  };

  const audit: AuditLog = { append: (entry) => Promise.resolve(void entries.push(entry)) };
  const news: News = { sessionsRevoked: (ended) => Promise.resolve(void told.push(...ended)) };
  const settings: SettingsReader = { read: () => Promise.resolve(values) };
  const admins: Admins = {
    list: () =>
      Promise.resolve(
        [...accounts.values()]
          .filter(({ roles }) => roles.includes("admin"))
          .map(({ id, passwordHash }) => ({ id, hasEntered: passwordHash !== null || hasSession(id) })),
      ),
  };
  const hasSession = (userId: string) => [...open.values()].some((session) => session.userId === userId);

  const deps = {
    accounts: accountStore,
    links: linkStore,
    sessions,
    passwords,
    audit,
    news,
    settings,
    admins,
  };
  const ways = { ...deps, registration: options.registration ?? "open", signIn: createSignIn(deps) } as const;
  return {
    ...deps,
    ...{ entries, told, hashed, values, open },
    accountsById: accounts,
    register: createRegister(ways),
    login: createLogin(ways),
    logout: createLogout(ways),
    redeemLink: createRedeemLink(ways),
  };
}

const sessionTimes = { createdAt: 0, lastSeenAt: 0, idleExpiresAt: 1000, absoluteExpiresAt: 2000 };

function fold(password: string): string {
  return createHash("sha256").update(password).digest("hex");
}
