import { createHmac, timingSafeEqual } from "node:crypto";

/** Ties a CSRF token to one session, with nothing stored: an HMAC of its id. */
export interface CsrfTokens {
  tokenFor(sessionId: string): string;
  isFor(sessionId: string, given: string | undefined): boolean;
}

/** @param secret the same in every gateway; the key used is derived from it */
export function createCsrfTokens(secret: string): CsrfTokens {
  const key = createHmac("sha256", secret).update("csrf token").digest();
  const tokenFor = (sessionId: string) => createHmac("sha256", key).update(sessionId).digest("base64url");
  return {
    tokenFor,
    isFor(sessionId, given) {
      if (given === undefined) return false;
      const expected = Buffer.from(tokenFor(sessionId));
      const actual = Buffer.from(given);
      return expected.length === actual.length && timingSafeEqual(expected, actual);
    },
  };
}
