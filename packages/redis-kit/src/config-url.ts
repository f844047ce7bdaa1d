import type { EnvReader } from "./config-fields";

/** Where a server is and how to sign in; what is undefined was not said. */
export interface Endpoint {
  readonly host?: string;
  readonly port?: number;
  readonly username?: string;
  readonly password?: string;
  readonly database?: number;
  readonly tls?: boolean;
}

const allowed =
  "redis://[user:password@]host[:port][/db], rediss:// for TLS, or none to run without Redis; special characters %-encoded";

/** Reads a URL variable. Its value is never repeated in a fault: it may hold a password. */
export function readRedisUrl(reader: EnvReader, variable: string): Endpoint {
  try {
    return parseRedisUrl(reader.text(variable) ?? "");
  } catch {
    reader.fail({ variable, allowed });
    return {};
  }
}

function parseRedisUrl(text: string): Endpoint {
  const url = new URL(text);
  if (url.protocol !== "redis:" && url.protocol !== "rediss:") throw new RangeError("protocol");
  if (url.hostname === "") throw new RangeError("host");
  const index = url.pathname.replace(/^\//, "");
  if (!/^\d{0,4}$/.test(index)) throw new RangeError("database");
  const username = decodeURIComponent(url.username);
  const password = decodeURIComponent(url.password);
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    tls: url.protocol === "rediss:",
    ...(url.port === "" ? {} : { port: Number(url.port) }),
    ...(username === "" ? {} : { username }),
    ...(password === "" ? {} : { password }),
    ...(index === "" ? {} : { database: Number(index) }),
  };
}
