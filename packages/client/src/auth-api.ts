import {
  loginResultSchema,
  registerResultSchema,
  sessionViewSchema,
  type LoginBody,
  type LoginResult,
  type RedeemLinkBody,
  type RegisterBody,
  type RegisterResult,
  type SessionView,
} from "@vibe-friend/contracts/auth";
import { readJson, type HttpTransport } from "./http-transport";
import { parseAnswer } from "./loose-answer";
import { ProblemError } from "./problem-error";

export interface AuthApi {
  /** Creates an account and signs in. */
  readonly register: (body: RegisterBody) => Promise<RegisterResult>;
  readonly login: (body: LoginBody) => Promise<LoginResult>;
  /** Signs in with a one-time link, and sets the password when one is given. */
  readonly redeemLink: (body: RedeemLinkBody) => Promise<LoginResult>;
  readonly logout: () => Promise<void>;
  /** Who is signed in, or undefined when nobody is. */
  readonly session: (options?: { readonly signal?: AbortSignal }) => Promise<SessionView | undefined>;
}

interface Dependencies {
  readonly transport: HttpTransport;
  /** The person behind the cookie changed: whatever was connected as the old one must reconnect. */
  readonly onIdentityChange: () => void;
}

export function createAuthApi({ transport, onIdentityChange }: Dependencies): AuthApi {
  async function enter<T extends { csrfToken: string }>(
    path: string,
    body: unknown,
    read: (v: unknown) => T,
  ) {
    const response = await transport.send({ method: "POST", path, body });
    const result = read(await readJson(response));
    transport.setCsrfToken(result.csrfToken);
    onIdentityChange();
    return result;
  }

  return {
    register: (body) => enter("/auth/register", body, (value) => parseAnswer(registerResultSchema, value)),
    login: (body) => enter("/auth/login", body, (value) => parseAnswer(loginResultSchema, value)),
    redeemLink: (body) => enter("/auth/link", body, (value) => parseAnswer(loginResultSchema, value)),
    async logout() {
      await transport.send({ method: "POST", path: "/auth/logout" });
      transport.setCsrfToken(undefined);
      onIdentityChange();
    },
    async session({ signal } = {}) {
      try {
        const response = await transport.send({ method: "GET", path: "/auth/session", signal });
        const view = parseAnswer(sessionViewSchema, await readJson(response));
        transport.setCsrfToken(view.csrfToken);
        return view;
      } catch (error) {
        if (!isSignedOut(error)) throw error;
        transport.setCsrfToken(undefined);
        return undefined;
      }
    },
  };
}

function isSignedOut(error: unknown): boolean {
  return error instanceof ProblemError && error.status === 401;
}
