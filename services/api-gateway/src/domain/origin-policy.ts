/** What a request says about the page it came from. */
export interface RequestOrigin {
  readonly origin: string | undefined;
  /** `Sec-Fetch-Site` */
  readonly fetchSite: string | undefined;
  readonly host: string | undefined;
}

export interface OriginPolicy {
  /** May a page there read answers (CORS)? The site itself is no cross-origin caller. */
  isListed(origin: string): boolean;
  /** May this request change something? One without any word of a page is no browser's. */
  allows(request: RequestOrigin): boolean;
}

/** @param origins exact ones, as `https://app.example.org`; the public address is always among them */
export function createOriginPolicy(publicUrl: string, origins: readonly string[]): OriginPolicy {
  const listed = new Set(origins.map((origin) => origin.replace(/\/+$/, "").toLowerCase()));
  const own = new URL(publicUrl).origin;
  return {
    isListed: (origin) => listed.has(origin.toLowerCase()),
    allows({ origin, fetchSite, host }) {
      if (origin !== undefined) {
        const from = origin.toLowerCase();
        return from === own || listed.has(from) || isSameHost(from, host);
      }
      return fetchSite === undefined || fetchSite === "same-origin" || fetchSite === "none";
    },
  };
}

function isSameHost(origin: string, host: string | undefined): boolean {
  return host !== undefined && URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}
