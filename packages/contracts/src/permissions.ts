/** What a role may allow, as `resource:action`. */
export const permissions = [
  "generation:create",
  "generation:read",
  "settings:read",
  "settings:write",
  "admin:read",
  "cache:read",
  "cache:write",
  "redis:read",
  "redis:write",
  "stats:read",
  "users:read",
  "queues:read",
  "queues:write",
  "announcements:write",
] as const;
export type Permission = (typeof permissions)[number];

/** The roles that exist from the first migration on. */
export const builtInRoles: Record<"admin" | "user", readonly Permission[]> = {
  admin: permissions,
  user: ["generation:create", "generation:read"],
};
