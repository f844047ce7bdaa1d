/** What a handshake says about the page it comes from. */
export interface HandshakeOrigin {
  readonly origin: string | undefined;
  /** The host the browser asked, as the proxy in front saw it. */
  readonly host: string | undefined;
}

/**
 * CORS doesn't stop a foreign page from opening a WebSocket with the person's cookie, so the handshake is
 * refused here. A client that names no origin is no browser: it has no cookie it doesn't know of.
 *
 * @param allowed origins such as `https://app.example.org`
 */
export function createCheckOrigin(allowed: readonly string[]) {
  const origins = new Set(allowed.map((origin) => new URL(origin).origin));
  return function isAllowed({ origin, host }: HandshakeOrigin): boolean {
    if (origin === undefined) return true;
    if (!URL.canParse(origin)) return false;
    const from = new URL(origin);
    return origins.has(from.origin) || (host !== undefined && from.host === host.toLowerCase());
  };
}

export type CheckOrigin = ReturnType<typeof createCheckOrigin>;
