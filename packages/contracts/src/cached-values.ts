import { z } from "zod";
import { userSchema } from "./auth";
import { timeSchema } from "./ids";

/** Who somebody is and what they may do; the cache service keeps it, auth and the gateway drop or read it. */
export const accessSchema = z.strictObject({
  user: userSchema,
  roles: z.array(z.string()),
  permissions: z.array(z.string()),
});
export type Access = z.infer<typeof accessSchema>;

export function accessCacheName(userId: string): string {
  return `permissions:${userId}`;
}

/** Settings that were set; unset ones are not in it. */
export const storedSettingsSchema = z.strictObject({
  items: z.array(z.strictObject({ key: z.string(), value: z.unknown(), updatedAt: timeSchema })),
});
export type StoredSettings = z.infer<typeof storedSettingsSchema>;

export const SETTINGS_CACHE_NAME = "settings:all";
