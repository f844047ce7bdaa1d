import { z } from "zod";
import { timeSchema } from "./ids";
import { readModelStageSchema } from "./read-model-stage";

/** Every run-time setting: its schema, default and meaning. */
export const settings = {
  "generation.mode": {
    schema: z.enum(["async", "sync"]),
    description: "How POST /generations answers by default; unset: GENERATION_MODE.",
  },
  registration: {
    schema: z.enum(["open", "closed"]),
    description: "Whether people may register; unset: REGISTRATION.",
  },
  "password.minLength": {
    schema: z.number().int().min(12).max(64),
    description: "Shortest new password, in characters; unset: 12.",
  },
  "cache.permissions.stage": {
    schema: readModelStageSchema,
    description:
      "How who may do what is read: off (Postgres), shadow (Postgres, the cache compared beside it) or on; unset: on.",
  },
  "cache.settings.stage": {
    schema: readModelStageSchema,
    description:
      "How these settings are read: off (Postgres), shadow (Postgres, the cache compared beside it) or on; unset: on.",
  },
  "cache.statistics.stage": {
    schema: readModelStageSchema,
    description:
      "How the dashboard's counts are read: off (Postgres), shadow (Postgres, the cache compared beside it) or on; unset: on.",
  },
  "cache.users.stage": {
    schema: readModelStageSchema,
    description:
      "How lists of users are read: off (Postgres), shadow (Postgres, the cache compared beside it) or on; unset: on.",
  },
} as const;
export type SettingKey = keyof typeof settings;
export const settingKeys = Object.keys(settings) as SettingKey[];

export const settingValuesSchema = z
  .strictObject({
    "generation.mode": settings["generation.mode"].schema.optional(),
    registration: settings.registration.schema.optional(),
    "password.minLength": settings["password.minLength"].schema.optional(),
    "cache.permissions.stage": settings["cache.permissions.stage"].schema.optional(),
    "cache.settings.stage": settings["cache.settings.stage"].schema.optional(),
    "cache.statistics.stage": settings["cache.statistics.stage"].schema.optional(),
    "cache.users.stage": settings["cache.users.stage"].schema.optional(),
  })
  .meta({ id: "SettingValues" });
export type SettingValues = z.infer<typeof settingValuesSchema>;

export const settingViewSchema = z
  .strictObject({
    key: z.string(),
    value: z.unknown(),
    description: z.string(),
    updatedAt: timeSchema.nullable(),
  })
  .meta({ id: "Setting" });
export const settingsViewSchema = z
  .strictObject({
    items: z.array(settingViewSchema),
    nextCursor: z.null(),
    /** the last known ones: neither cache nor source can be asked right now */
    stale: z.boolean(),
  })
  .meta({ id: "Settings" });
export type SettingsView = z.infer<typeof settingsViewSchema>;

/** A null value goes back to the default. */
export const putSettingsBodySchema = z
  .strictObject({
    "generation.mode": settings["generation.mode"].schema.nullable().optional(),
    registration: settings.registration.schema.nullable().optional(),
    "password.minLength": settings["password.minLength"].schema.nullable().optional(),
    "cache.permissions.stage": settings["cache.permissions.stage"].schema.nullable().optional(),
    "cache.settings.stage": settings["cache.settings.stage"].schema.nullable().optional(),
    "cache.statistics.stage": settings["cache.statistics.stage"].schema.nullable().optional(),
    "cache.users.stage": settings["cache.users.stage"].schema.nullable().optional(),
  })
  .refine((body) => Object.keys(body).length > 0, { error: "must name at least one setting" })
  .meta({ id: "PutSettingsBody" });
export type PutSettingsBody = z.infer<typeof putSettingsBodySchema>;
