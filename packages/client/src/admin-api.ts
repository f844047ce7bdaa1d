import {
  cacheViewSchema,
  invalidateCacheResultSchema,
  type CacheView,
  type InvalidateCacheBody,
  type InvalidateCacheResult,
} from "@vibe-friend/contracts/cache-admin";
import {
  announcementSchema,
  type AnnounceBody,
  type Announcement,
} from "@vibe-friend/contracts/notification";
import {
  queueListSchema,
  queueViewSchema,
  retryFailedResultSchema,
  type QueueList,
  type QueueView,
  type RetryFailedResult,
  type WorkQueueName,
} from "@vibe-friend/contracts/queue-admin";
import {
  redisViewSchema,
  saveRedisResultSchema,
  type RedisRoleName,
  type RedisView,
  type SaveRedisResult,
} from "@vibe-friend/contracts/redis-admin";
import { settingsViewSchema, type PutSettingsBody, type SettingsView } from "@vibe-friend/contracts/settings";
import { statisticsViewSchema, type StatisticsView } from "@vibe-friend/contracts/statistics";
import { userListViewSchema, type UserListView } from "@vibe-friend/contracts/user-list";
import { readJson, type HttpRequest, type HttpTransport } from "./http-transport";
import { parseAnswer, type AnswerSchema } from "./loose-answer";
import { toQuery } from "./to-query";

interface Signalled {
  readonly signal?: AbortSignal;
}

export interface ListUsersOptions extends Signalled {
  /** In e-mail address or name. */
  readonly q?: string | undefined;
  readonly cursor?: string | undefined;
  /** 1 to 100, 20 when left out. */
  readonly limit?: number;
}

export interface QueuesApi {
  readonly list: (options?: Signalled) => Promise<QueueList>;
  /** Nothing more of it is begun; what runs goes on. */
  readonly pause: (name: WorkQueueName) => Promise<QueueView>;
  readonly resume: (name: WorkQueueName) => Promise<QueueView>;
  /** Up to 500 at once; `left` says how many have failed beside them. */
  readonly retryFailed: (name: WorkQueueName) => Promise<RetryFailedResult>;
}

export interface AdminApi {
  readonly settings: (options?: Signalled) => Promise<SettingsView>;
  /** null sets one back to its default. */
  readonly putSettings: (values: PutSettingsBody) => Promise<SettingsView>;
  readonly statistics: (options?: Signalled) => Promise<StatisticsView>;
  /** Newest first. */
  readonly users: (options?: ListUsersOptions) => Promise<UserListView>;
  readonly cache: (options?: Signalled) => Promise<CacheView>;
  readonly invalidateCache: (what: InvalidateCacheBody) => Promise<InvalidateCacheResult>;
  readonly queues: QueuesApi;
  readonly redis: (options?: Signalled) => Promise<RedisView>;
  /** Tells everybody, now and when they come back. Sent once: without an answer it may have been made. */
  readonly announce: (announcement: AnnounceBody) => Promise<Announcement>;
  /** Has a role's server save a snapshot behind its work. */
  readonly saveRedis: (role: RedisRoleName) => Promise<SaveRedisResult>;
}

export function createAdminApi(transport: HttpTransport): AdminApi {
  async function ask<T>(schema: AnswerSchema<T>, request: HttpRequest): Promise<T> {
    return parseAnswer(schema, await readJson(await transport.send(request)));
  }
  const get = <T>(schema: AnswerSchema<T>, path: string, { signal }: Signalled = {}) =>
    ask(schema, { method: "GET", path: `/admin${path}`, signal });

  const changeOf = (name: WorkQueueName, change: string) => ({
    method: "POST" as const,
    path: `/admin/queues/${name}/${change}`,
  });

  return {
    settings: (options) => get(settingsViewSchema, "/settings", options),
    putSettings: (values) =>
      // The same values twice are the same settings.
      ask(settingsViewSchema, { method: "PUT", path: "/admin/settings", body: values, repeatable: true }),
    statistics: (options) => get(statisticsViewSchema, "/stats", options),
    users: ({ signal, ...query } = {}) =>
      get(userListViewSchema, `/users${toQuery(query)}`, signal === undefined ? {} : { signal }),
    cache: (options) => get(cacheViewSchema, "/cache", options),
    invalidateCache: (what) =>
      ask(invalidateCacheResultSchema, {
        ...{ method: "POST", path: "/admin/cache/invalidate" },
        ...{ body: what, repeatable: true },
      }),
    announce: (body) => ask(announcementSchema, { method: "POST", path: "/admin/announcements", body }),
    queues: {
      list: (options) => get(queueListSchema, "/queues", options),
      pause: (name) => ask(queueViewSchema, { ...changeOf(name, "pause"), repeatable: true }),
      resume: (name) => ask(queueViewSchema, { ...changeOf(name, "resume"), repeatable: true }),
      retryFailed: (name) => ask(retryFailedResultSchema, changeOf(name, "retry-failed")),
    },
    redis: (options) => get(redisViewSchema, "/redis", options),
    saveRedis: (role) => ask(saveRedisResultSchema, { method: "POST", path: `/admin/redis/${role}/bgsave` }),
  };
}
