import type { PlannedService } from "./stack-services";

/** What a program needs to run at all, and what people set for all their programs. */
const inherited = [
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "TMPDIR",
  "LANG",
  "TZ",
  "NODE_ENV",
  "NODE_OPTIONS",
  "NODE_EXTRA_CA_CERTS",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
];

/**
 * The environment of every service: nothing of the parent's but the plainest, the addresses of the other services,
 * and what the caller says, which wins.
 */
export function createServiceEnvironment(
  planned: readonly PlannedService[],
  settings: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const parent = Object.fromEntries(inherited.map((name) => [name, process.env[name]]));
  return dropUndefined({ ...parent, ...linkServices(planned), ...dropUndefined(settings) });
}

/** Tells the services about each other. */
function linkServices(planned: readonly PlannedService[]): Record<string, string | undefined> {
  const urlsOf = (program: string): string[] =>
    planned.filter((service) => service.program === program).map(({ url }) => url);
  const joined = (program: string): string | undefined => urlsOf(program).join(",") || undefined;
  return {
    PUBLIC_URL: urlsOf("api-gateway")[0],
    AUTH_URL: joined("auth"),
    CACHE_URL: joined("cache"),
    NOTIFICATION_URLS: joined("notification"),
    CONSOLE_URL: urlsOf("console")[0],
  };
}

function dropUndefined(record: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(record).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
