import { z } from "zod";
import {
  loginBodySchema,
  loginResultSchema,
  redeemLinkBodySchema,
  registerBodySchema,
  registerResultSchema,
  sessionViewSchema,
} from "./auth";
import { cacheViewSchema, invalidateCacheBodySchema, invalidateCacheResultSchema } from "./cache-admin";
import {
  generationFilesSchema,
  generationPageSchema,
  generationResultSchema,
  idempotencyKeySchema,
  listGenerationsQuerySchema,
  submitBodySchema,
} from "./generation";
import { idSchema } from "./ids";
import {
  announceBodySchema,
  announcementSchema,
  inboxSchema,
  listNotificationsQuerySchema,
  readAllNotificationsResultSchema,
  readNotificationResultSchema,
} from "./notification";
import type { Permission } from "./permissions";
import {
  queueListSchema,
  queueViewSchema,
  retryFailedResultSchema,
  workQueueNameSchema,
} from "./queue-admin";
import { redisRoleNameSchema, redisViewSchema, saveRedisResultSchema } from "./redis-admin";
import { putSettingsBodySchema, settingsViewSchema } from "./settings";
import { statisticsViewSchema } from "./statistics";
import { listUsersQuerySchema, userListViewSchema } from "./user-list";

/** One route: what the gateway mounts and validates with, and what the OpenAPI document is made from. */
export interface RouteDefinition {
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  /** Express 5 notation, below `/api/v1`. */
  readonly path: string;
  readonly summary: string;
  readonly tag: "auth" | "generations" | "notifications" | "admin";
  /** `public` needs no session; otherwise a session or token, and the permission where one is named. */
  readonly access: "public" | "session" | Permission;
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly headers?: z.ZodObject;
  readonly body?: z.ZodType;
  /** By status; null is an empty body, a string is a media type that isn't JSON. */
  readonly results: Readonly<Record<number, z.ZodType | null | string>>;
}

const idParams = z.strictObject({ id: idSchema });
const conditionalHeaders = z.object({ "if-none-match": z.string().optional() });
const queueParams = z.strictObject({ name: workQueueNameSchema });
const fileParams = z.strictObject({ id: idSchema, path: z.string().min(1) });

export const routes = {
  register: {
    method: "post",
    path: "/auth/register",
    summary: "Create an account and sign in",
    tag: "auth",
    access: "public",
    body: registerBodySchema,
    results: { 201: registerResultSchema },
  },
  login: {
    method: "post",
    path: "/auth/login",
    summary: "Sign in; the session id always changes",
    tag: "auth",
    access: "public",
    body: loginBodySchema,
    results: { 200: loginResultSchema },
  },
  redeemLink: {
    method: "post",
    path: "/auth/link",
    summary: "Sign in with a one-time link, setting a password",
    tag: "auth",
    access: "public",
    body: redeemLinkBodySchema,
    results: { 200: loginResultSchema },
  },
  logout: {
    method: "post",
    path: "/auth/logout",
    summary: "Sign out",
    tag: "auth",
    access: "session",
    results: { 204: null },
  },
  session: {
    method: "get",
    path: "/auth/session",
    summary: "Who am I, and what may I do",
    tag: "auth",
    access: "session",
    results: { 200: sessionViewSchema },
  },
  submitGeneration: {
    method: "post",
    path: "/generations",
    summary: "Submit a prompt; acknowledged once it is stored",
    tag: "generations",
    access: "generation:create",
    headers: z.object({ "idempotency-key": idempotencyKeySchema.optional() }),
    body: submitBodySchema,
    results: { 202: generationResultSchema, 200: generationResultSchema },
  },
  listGenerations: {
    method: "get",
    path: "/generations",
    summary: "My generations, newest first",
    tag: "generations",
    access: "generation:read",
    query: listGenerationsQuerySchema,
    results: { 200: generationPageSchema },
  },
  getGeneration: {
    method: "get",
    path: "/generations/:id",
    summary: "One generation",
    tag: "generations",
    access: "generation:read",
    params: idParams,
    results: { 200: generationResultSchema },
  },
  followGeneration: {
    method: "get",
    path: "/generations/:id/events",
    summary: "Server-Sent Events: the whole log after Last-Event-ID, then live until the end",
    tag: "generations",
    access: "generation:read",
    params: idParams,
    query: z.strictObject({ after: z.coerce.number().int().min(0).optional() }),
    headers: z.object({ "last-event-id": z.coerce.number().int().min(0).optional() }),
    results: { 200: "text/event-stream" },
  },
  listFiles: {
    method: "get",
    path: "/generations/:id/files",
    summary: "The files of a generation",
    tag: "generations",
    access: "generation:read",
    params: idParams,
    results: { 200: generationFilesSchema },
  },
  readFile: {
    method: "get",
    path: "/generations/:id/files/*path",
    summary: "One file's text",
    tag: "generations",
    access: "generation:read",
    params: fileParams,
    headers: conditionalHeaders,
    results: { 200: "text/plain", 304: null },
  },
  downloadArchive: {
    method: "get",
    path: "/generations/:id/archive.zip",
    summary:
      "All files of an ended generation as a zip, sent while it is built; 503 when it takes too long to begin",
    tag: "generations",
    access: "generation:read",
    params: idParams,
    headers: conditionalHeaders,
    results: { 200: "application/zip", 304: null },
  },
  cancelGeneration: {
    method: "post",
    path: "/generations/:id/cancel",
    summary: "Stop a generation",
    tag: "generations",
    access: "generation:create",
    params: idParams,
    results: { 200: generationResultSchema },
  },
  retryGeneration: {
    method: "post",
    path: "/generations/:id/retry",
    summary: "Run a failed or cancelled generation again",
    tag: "generations",
    access: "generation:create",
    params: idParams,
    results: { 202: generationResultSchema },
  },
  deleteGeneration: {
    method: "delete",
    path: "/generations/:id",
    summary: "Delete an ended generation and its files",
    tag: "generations",
    access: "generation:create",
    params: idParams,
    results: { 204: null },
  },
  listNotifications: {
    method: "get",
    path: "/notifications",
    summary: "My inbox, newest first, and how many are unread",
    tag: "notifications",
    access: "session",
    query: listNotificationsQuerySchema,
    results: { 200: inboxSchema },
  },
  readNotification: {
    method: "post",
    path: "/notifications/:id/read",
    summary: "Mark one as read",
    tag: "notifications",
    access: "session",
    params: idParams,
    results: { 200: readNotificationResultSchema },
  },
  readAllNotifications: {
    method: "post",
    path: "/notifications/read-all",
    summary: "Mark all as read",
    tag: "notifications",
    access: "session",
    results: { 200: readAllNotificationsResultSchema },
  },
  announce: {
    method: "post",
    path: "/admin/announcements",
    summary: "Tell everybody: into every inbox, and to every connected browser at once",
    tag: "admin",
    access: "announcements:write",
    body: announceBodySchema,
    results: { 201: announcementSchema },
  },
  getSettings: {
    method: "get",
    path: "/admin/settings",
    summary: "Run-time settings",
    tag: "admin",
    access: "settings:read",
    results: { 200: settingsViewSchema },
  },
  putSettings: {
    method: "put",
    path: "/admin/settings",
    summary: "Change run-time settings; null goes back to the default",
    tag: "admin",
    access: "settings:write",
    body: putSettingsBodySchema,
    results: { 200: settingsViewSchema },
  },
  getStatistics: {
    method: "get",
    path: "/admin/stats",
    summary: "The dashboard's counts, cached for minutes, and what is true right now",
    tag: "admin",
    access: "stats:read",
    results: { 200: statisticsViewSchema },
  },
  listUsers: {
    method: "get",
    path: "/admin/users",
    summary: "Everybody, newest first",
    tag: "admin",
    access: "users:read",
    query: listUsersQuerySchema,
    results: { 200: userListViewSchema },
  },
  getCache: {
    method: "get",
    path: "/admin/cache",
    summary: "What the cache is worth, by read model",
    tag: "admin",
    access: "cache:read",
    results: { 200: cacheViewSchema },
  },
  invalidateCache: {
    method: "post",
    path: "/admin/cache/invalidate",
    summary: "Drop cached values by tag, key or prefix",
    tag: "admin",
    access: "cache:write",
    body: invalidateCacheBodySchema,
    results: { 200: invalidateCacheResultSchema },
  },
  listQueues: {
    method: "get",
    path: "/admin/queues",
    summary: "What waits, runs and has failed, by the rows, and what Redis holds of it",
    tag: "admin",
    access: "queues:read",
    results: { 200: queueListSchema },
  },
  pauseQueue: {
    method: "post",
    path: "/admin/queues/:name/pause",
    summary: "Have nothing more of a queue begun; what runs goes on",
    tag: "admin",
    access: "queues:write",
    params: queueParams,
    results: { 200: queueViewSchema },
  },
  resumeQueue: {
    method: "post",
    path: "/admin/queues/:name/resume",
    summary: "Go on with a queue",
    tag: "admin",
    access: "queues:write",
    params: queueParams,
    results: { 200: queueViewSchema },
  },
  retryFailedJobs: {
    method: "post",
    path: "/admin/queues/:name/retry-failed",
    summary: "Run up to 500 of those that failed again, the earliest first; nobody's limit counts",
    tag: "admin",
    access: "queues:write",
    params: queueParams,
    results: { 200: retryFailedResultSchema },
  },
  getRedis: {
    method: "get",
    path: "/admin/redis",
    summary: "How Redis is, by role",
    tag: "admin",
    access: "redis:read",
    results: { 200: redisViewSchema },
  },
  saveRedis: {
    method: "post",
    path: "/admin/redis/:role/bgsave",
    summary: "Have a server save a snapshot behind its work",
    tag: "admin",
    access: "redis:write",
    params: z.strictObject({ role: redisRoleNameSchema }),
    results: { 202: saveRedisResultSchema },
  },
} as const satisfies Record<string, RouteDefinition>;
export type RouteName = keyof typeof routes;
