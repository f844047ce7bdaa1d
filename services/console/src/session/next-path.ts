/** Where to go after signing in: a path of this page, never another site. */
export function readNextPath(search: string): string {
  const next = new URLSearchParams(search).get("next") ?? "/";
  return /^\/(?![/\\])/.test(next) ? next : "/";
}

/** The sign-in page's address that comes back to `path`. */
export function withNextPath(page: "/sign-in" | "/sign-up", path: string): string {
  return path === "/" ? page : `${page}?next=${encodeURIComponent(path)}`;
}
