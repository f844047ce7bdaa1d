import { createHash, randomBytes } from "node:crypto";

/** 32 random bytes; only its hash is stored. */
export function createLinkToken(): string {
  return randomBytes(32).toString("base64url");
}

/** hex SHA-256 */
export function hashLinkToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
