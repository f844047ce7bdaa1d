import { z } from "zod";
import { loginBodySchema, redeemLinkBodySchema, registerBodySchema, userSchema } from "./auth";
import { cacheViewSchema, invalidateCacheBodySchema, invalidateCacheResultSchema } from "./cache-admin";
import { accessSchema, storedSettingsSchema } from "./cached-values";
import { idSchema } from "./ids";
import {
  announceBodySchema,
  announcementSchema,
  inboxSchema,
  readAllNotificationsResultSchema,
  readNotificationResultSchema,
} from "./notification";
import { redisRoleNameSchema, redisViewSchema, saveRedisResultSchema } from "./redis-admin";
import { putSettingsBodySchema } from "./settings";
import { statisticsViewSchema } from "./statistics";
import { listUsersQuerySchema, userListViewSchema } from "./user-list";

/** Where a request came from, as the gateway saw it. */
export const callerSchema = z.strictObject({
  ip: z.string().max(64).optional(),
  userAgent: z.string().max(400).optional(),
  requestId: z.string().max(100).optional(),
});
export type Caller = z.infer<typeof callerSchema>;

/** A session as redis-kit records it, in ms since 1970. */
export const sessionGrantSchema = z.strictObject({
  id: idSchema,
  userId: idSchema,
  userEpoch: z.number().int(),
  createdAt: z.number(),
  lastSeenAt: z.number(),
  idleExpiresAt: z.number(),
  absoluteExpiresAt: z.number(),
  userAgent: z.string().optional(),
  ip: z.string().optional(),
});

export type SessionGrant = z.infer<typeof sessionGrantSchema>;

/** auth → gateway after a sign-in. `token` goes into the cookie and nowhere else. */
export const signedInSchema = z.strictObject({
  user: userSchema,
  session: sessionGrantSchema,
  token: z.string(),
});
export type SignedIn = z.infer<typeof signedInSchema>;

/** gateway → auth: `POST /internal/<name>`. `previousToken` is revoked, so that every sign-in rotates. */
export const internalAuthCalls = {
  register: {
    body: z.strictObject({
      body: registerBodySchema,
      caller: callerSchema,
      previousToken: z.string().optional(),
    }),
    result: signedInSchema,
  },
  login: {
    body: z.strictObject({
      body: loginBodySchema,
      caller: callerSchema,
      previousToken: z.string().optional(),
    }),
    result: signedInSchema,
  },
  "redeem-link": {
    body: z.strictObject({
      body: redeemLinkBodySchema,
      caller: callerSchema,
      previousToken: z.string().optional(),
    }),
    result: signedInSchema,
  },
  logout: {
    body: z.strictObject({ userId: idSchema, sessionId: idSchema, caller: callerSchema }),
    result: z.strictObject({}),
  },
} as const;

/** gateway → cache. */
export const internalCacheCalls = {
  permissions: {
    body: z.strictObject({ userId: idSchema }),
    result: accessSchema,
  },
  settings: {
    body: z.strictObject({}),
    result: storedSettingsSchema.extend({ stale: z.boolean() }),
  },
  "put-settings": {
    body: z.strictObject({
      values: putSettingsBodySchema,
      userId: idSchema,
      caller: callerSchema,
    }),
    result: storedSettingsSchema,
  },
  statistics: {
    body: z.strictObject({}),
    result: statisticsViewSchema,
  },
  users: {
    body: listUsersQuerySchema,
    result: userListViewSchema,
  },
  cache: {
    body: z.strictObject({}),
    result: cacheViewSchema,
  },
  "invalidate-cache": {
    body: z.strictObject({ what: invalidateCacheBodySchema, userId: idSchema, caller: callerSchema }),
    result: invalidateCacheResultSchema,
  },
  redis: {
    body: z.strictObject({}),
    result: redisViewSchema,
  },
  "save-redis": {
    body: z.strictObject({ role: redisRoleNameSchema, userId: idSchema, caller: callerSchema }),
    result: saveRedisResultSchema,
  },
} as const;

/** gateway → notification, any node. */
export const internalNotificationCalls = {
  inbox: {
    body: z.strictObject({
      userId: idSchema,
      limit: z.number().int().min(1).max(100),
      cursor: z.string().min(1).max(200).optional(),
      unread: z.boolean().optional(),
    }),
    result: inboxSchema,
  },
  "mark-read": {
    body: z.strictObject({ userId: idSchema, id: idSchema }),
    result: readNotificationResultSchema,
  },
  "mark-all-read": {
    body: z.strictObject({ userId: idSchema }),
    result: readAllNotificationsResultSchema,
  },
  announce: {
    body: z.strictObject({ body: announceBodySchema, userId: idSchema, caller: callerSchema }),
    result: announcementSchema,
  },
  /** A submission was refused by the daily limit; the person is told once a day. */
  limit: {
    body: z.strictObject({ userId: idSchema, limit: z.number().int().min(1) }),
    result: z.strictObject({}),
  },
} as const;
