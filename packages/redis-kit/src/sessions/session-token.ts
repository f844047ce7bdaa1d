import { createHash, randomBytes } from "node:crypto";

/** A new session token: 32 random bytes in base64url, 43 characters. */
export function createSessionToken(): string {
  return randomBytes(32).toString("base64url");
}

/** What stores and logs know a token by: its SHA-256 in lower-case hex, 64 characters. */
export function hashSessionToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** Could this be one of our tokens? Saves asking any store about what can't be one. */
export function isSessionToken(text: string): boolean {
  return /^[A-Za-z0-9_-]{43}$/.test(text);
}
