import { z } from "zod";
import { pageOf, timeSchema } from "./ids";
import { systemModeSchema } from "./system-status";

const countSchema = z.number().int().min(0);

export const redisRoleNameSchema = z.enum(["state", "cache"]);
export type RedisRoleName = z.infer<typeof redisRoleNameSchema>;

/** What a role's server says of itself; in Cluster all masters added up. Counts since the server started. */
const redisServerSchema = z.strictObject({
  version: z.string(),
  uptimeSeconds: countSchema,
  clients: z.strictObject({ connected: countSchema, blocked: countSchema, max: countSchema }),
  memory: z.strictObject({
    usedBytes: countSchema,
    peakBytes: countSchema,
    /** null: no limit is set */
    maxBytes: countSchema.nullable(),
    policy: z.string(),
    fragmentationRatio: z.number(),
  }),
  stats: z.strictObject({
    commandsPerSecond: z.number().min(0),
    keyspaceHits: countSchema,
    keyspaceMisses: countSchema,
    /** of all reads of everybody; null before the first */
    hitRate: z.number().min(0).max(1).nullable(),
    expiredKeys: countSchema,
    evictedKeys: countSchema,
    errorReplies: countSchema,
    connectionsRejected: countSchema,
  }),
  persistence: z.strictObject({
    appendOnly: z.boolean(),
    lastSaveAt: timeSchema,
    lastSaveOk: z.boolean(),
    changesSinceLastSave: countSchema,
    saveRunning: z.boolean(),
  }),
});
export type RedisServerView = z.infer<typeof redisServerSchema>;

/** One role of Redis, as the process that answers sees it. What can't be seen is null, and `notSeen` says why. */
export const redisRoleViewSchema = z
  .strictObject({
    role: redisRoleNameSchema,
    mode: systemModeSchema,
    since: timeSchema,
    /** why it is, or was just, not normal */
    reason: z.string().nullable(),
    /** of the slowest node, milliseconds */
    pingMs: z.number().min(0).nullable(),
    /** addresses; several in Cluster */
    nodes: z.array(z.string()),
    server: redisServerSchema.nullable(),
    /** keys by what they are for, the most first; estimated from a part of them when `partial` */
    keyspace: z
      .strictObject({
        totalKeys: countSchema,
        partial: z.boolean(),
        groups: z.array(
          z.strictObject({
            prefix: z.string(),
            keys: countSchema,
            /** mean of some of them, with their overhead */
            averageBytes: countSchema.nullable(),
          }),
        ),
      })
      .nullable(),
    /** the latest 20 slow commands, newest first, without their values */
    slowlog: z
      .array(
        z.strictObject({
          at: timeSchema,
          durationMs: z.number().min(0),
          command: z.string(),
          key: z.string().nullable(),
        }),
      )
      .nullable(),
    /** what will hurt, or already does; the worst first */
    warnings: z.array(
      z.strictObject({ level: z.enum(["critical", "warning"]), code: z.string(), text: z.string() }),
    ),
    notSeen: z.array(z.strictObject({ part: z.string(), reason: z.string() })),
    /** times without normal service in this process, newest first; `to` is null while one lasts */
    history: z.array(z.strictObject({ from: timeSchema, to: timeSchema.nullable(), reason: z.string() })),
  })
  .meta({ id: "RedisRole" });
export type RedisRoleView = z.infer<typeof redisRoleViewSchema>;

export const redisViewSchema = pageOf(redisRoleViewSchema).meta({ id: "Redis" });
export type RedisView = z.infer<typeof redisViewSchema>;

export const saveRedisResultSchema = z
  .strictObject({ role: redisRoleNameSchema, started: z.literal(true) })
  .meta({ id: "SaveRedisResult" });
export type SaveRedisResult = z.infer<typeof saveRedisResultSchema>;
