import { createAdminApi, type AdminApi } from "./admin-api";
import { createAuthApi, type AuthApi } from "./auth-api";
import type { CookieJar } from "./cookie-jar";
import { createGenerationsApi, type GenerationsApi } from "./generations-api";
import { createHttpTransport } from "./http-transport";
import { createNotificationsApi, type NotificationsApi } from "./notifications-api";
import { createLiveFeed, type LiveStatus } from "./live-feed";

export interface ClientOptions {
  /** Origin of the gateway; in a browser the page's own, else `http://localhost:8080`. */
  readonly baseUrl?: string;
  /** A personal access token, instead of a session cookie. */
  readonly token?: string;
  readonly fetch?: typeof fetch;
  /** Where Node keeps the session's cookie; browsers keep their own. */
  readonly cookieJar?: CookieJar;
  /** How long one try of a request may take, in ms; 30,000 when left out. */
  readonly timeoutMs?: number;
}

export interface Client {
  readonly auth: AuthApi;
  readonly generations: GenerationsApi;
  /** The person's inbox. */
  readonly notifications: NotificationsApi;
  /** For those whose roles allow it. */
  readonly admin: AdminApi;
  /** The live connection and the system's own word on its mode; connected while somebody listens. */
  readonly status: {
    readonly current: () => LiveStatus;
    readonly subscribe: (listener: () => void) => () => void;
  };
  /** Ends the live connection and every stream. */
  readonly close: () => void;
}

/** Speaks to one vibe-friend as one person. */
export function createClient(options: ClientOptions = {}): Client {
  const baseUrl = (options.baseUrl ?? pageOrigin() ?? "http://localhost:8080").replace(/\/+$/, "");
  const { token, cookieJar } = options;
  const transport = createHttpTransport({
    baseUrl,
    token,
    cookieJar,
    // Browsers refuse their fetch when it is called as somebody else's method.
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
    timeoutMs: options.timeoutMs ?? 30_000,
  });
  const feed = createLiveFeed({ baseUrl, token, cookieJar });
  return {
    auth: createAuthApi({
      transport,
      onIdentityChange() {
        feed.restart();
      },
    }),
    generations: createGenerationsApi({ transport, feed, baseUrl }),
    notifications: createNotificationsApi({ transport, feed }),
    admin: createAdminApi(transport),
    status: { current: () => feed.currentStatus(), subscribe: (listener) => feed.onStatus(listener) },
    close() {
      feed.close();
    },
  };
}

function pageOrigin(): string | undefined {
  return (globalThis as { location?: { origin: string } }).location?.origin;
}
