/** Keeps the cookies of one server. Browsers keep their own; this is for Node. */
export interface CookieJar {
  /** The `Cookie` header, or undefined when there is nothing to send. */
  header(): string | undefined;
  /** Takes the `Set-Cookie` lines of an answer. */
  keep(lines: readonly string[]): void;
  clear(): void;
}

/** A jar for one origin: name and value, `Max-Age` and `Expires`; paths and domains are not looked at. */
export function createCookieJar(now: () => number = Date.now): CookieJar {
  const cookies = new Map<string, { value: string; expiresAt: number }>();
  return {
    header() {
      const live = [...cookies].filter(([, cookie]) => cookie.expiresAt > now());
      return live.length === 0 ? undefined : live.map(([name, { value }]) => `${name}=${value}`).join("; ");
    },
    keep(lines) {
      for (const line of lines) {
        const cookie = parseSetCookie(line, now());
        if (cookie === undefined) continue;
        if (cookie.expiresAt <= now()) cookies.delete(cookie.name);
        else cookies.set(cookie.name, cookie);
      }
    },
    clear() {
      cookies.clear();
    },
  };
}

function parseSetCookie(line: string, now: number) {
  const [pair = "", ...attributes] = line.split(";").map((part) => part.trim());
  const at = pair.indexOf("=");
  if (at < 1) return undefined;
  let expiresAt = Infinity;
  for (const attribute of attributes) {
    const [key = "", value = ""] = attribute.split(/=(.*)/s);
    if (key.toLowerCase() === "expires") expiresAt = parseDate(value);
    if (key.toLowerCase() === "max-age") return { ...split(pair, at), expiresAt: now + Number(value) * 1000 };
  }
  return { ...split(pair, at), expiresAt };
}

function parseDate(value: string): number {
  const at = Date.parse(value);
  return Number.isNaN(at) ? Infinity : at;
}

function split(pair: string, at: number) {
  return { name: pair.slice(0, at), value: pair.slice(at + 1) };
}
