import { parseCookie, stringifySetCookie } from "cookie";
import type { IncomingMessage } from "node:http";

/** The one cookie there is. `__Host-` (HTTPS only) keeps other hosts and paths from setting it. */
export interface SessionCookie {
  readonly name: string;
  read(request: IncomingMessage): string | undefined;
  /** A `Set-Cookie` line; `expiresAt` in milliseconds since 1970. */
  issue(token: string, expiresAt: number): string;
  clear(): string;
}

/** @param publicUrl decides by its protocol: secure cookies can't be set over plain HTTP */
export function createSessionCookie(publicUrl: string): SessionCookie {
  const secure = new URL(publicUrl).protocol === "https:";
  const name = secure ? "__Host-gvf_session" : "gvf_session";
  const attributes = { name, path: "/", httpOnly: true, sameSite: "lax", secure } as const;
  return {
    name,
    read: (request) => parseCookie(request.headers.cookie ?? "")[name],
    issue: (token, expiresAt) =>
      stringifySetCookie({ ...attributes, value: token, expires: new Date(expiresAt) }),
    clear: () => stringifySetCookie({ ...attributes, value: "", expires: new Date(0) }),
  };
}

/** The token of `Authorization: Bearer …`. */
export function readBearer(request: IncomingMessage): string | undefined {
  const [scheme, token] = (request.headers.authorization ?? "").split(" ");
  return scheme?.toLowerCase() === "bearer" && token !== undefined && token !== "" ? token : undefined;
}
