import { z } from "zod";
import { timeSchema } from "./ids";

export const systemModeSchema = z.enum(["normal", "degraded", "recovering"]);
export type SystemMode = z.infer<typeof systemModeSchema>;

/** How the sending process is doing without or with its Redis; `mode` is the worse of both roles. */
export const systemStatusSchema = z
  .strictObject({
    mode: systemModeSchema,
    since: timeSchema,
    roles: z.strictObject({ state: systemModeSchema, cache: systemModeSchema }),
  })
  .meta({ id: "SystemStatus" });
export type SystemStatus = z.infer<typeof systemStatusSchema>;
