import {
  inboxSchema,
  readAllNotificationsResultSchema,
  readNotificationResultSchema,
  type Inbox,
  type Notification,
  type ReadAllNotificationsResult,
  type ReadNotificationResult,
} from "@vibe-friend/contracts/notification";
import { readJson, type HttpRequest, type HttpTransport } from "./http-transport";
import type { LiveFeed } from "./live-feed";
import { parseAnswer, type AnswerSchema } from "./loose-answer";
import { toQuery } from "./to-query";

export interface ListNotificationsOptions {
  /** Only those that are not read. */
  readonly unread?: boolean;
  readonly cursor?: string | undefined;
  /** 1 to 100, 20 when left out. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

export interface NotificationsApi {
  /** Mine, newest first, and how many are unread. */
  readonly list: (options?: ListNotificationsOptions) => Promise<Inbox>;
  readonly markRead: (id: string) => Promise<ReadNotificationResult>;
  readonly markAllRead: () => Promise<ReadAllNotificationsResult>;
  /**
   * Live: the latest unread ones (at most 100), then what comes, in order and each once, also over lost
   * connections. Connected while somebody listens. @returns what ends it
   */
  readonly subscribe: (listener: (notification: Notification) => void) => () => void;
}

interface Dependencies {
  readonly transport: HttpTransport;
  readonly feed: Pick<LiveFeed, "onNotification">;
}

export function createNotificationsApi({ transport, feed }: Dependencies): NotificationsApi {
  async function ask<T>(schema: AnswerSchema<T>, request: HttpRequest): Promise<T> {
    return parseAnswer(schema, await readJson(await transport.send(request)));
  }
  /** What is read stays read, however often it is said. */
  const order = <T>(schema: AnswerSchema<T>, path: string) =>
    ask(schema, { method: "POST", path: `/notifications${path}`, repeatable: true });

  return {
    list: ({ signal, unread, ...query } = {}) =>
      ask(inboxSchema, {
        method: "GET",
        path: `/notifications${toQuery({ ...query, unread: unread === true ? "true" : undefined })}`,
        signal,
      }),
    markRead: (id) => order(readNotificationResultSchema, `/${encodeURIComponent(id)}/read`),
    markAllRead: () => order(readAllNotificationsResultSchema, "/read-all"),
    subscribe: (listener) => feed.onNotification(listener),
  };
}
