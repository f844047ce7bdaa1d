import type { z } from "zod";
import { accessCacheName, accessSchema, SETTINGS_CACHE_NAME, storedSettingsSchema } from "./cached-values";
import type { ReadModelName } from "./read-model-stage";
import { statisticsSchema } from "./statistics";
import { userListSchema, type ListUsersQuery } from "./user-list";

/** How one read model is kept. `A` is what its values are told apart by, `T` a value. */
export interface ReadModel<A, T> {
  readonly description: string;
  readonly schema: z.ZodType<T>;
  /** below the cache's prefix, as in `gvf:cache:users:list` */
  readonly key: (argument: A) => string;
  /** dropping any of these drops the value; named again by whoever reads it */
  readonly tags: (argument: A) => readonly string[];
  /** milliseconds */
  readonly ttlMs: number;
  /** milliseconds beyond that in which the last known value answers, marked stale, while the source can't be asked */
  readonly graceMs: number;
  /** whether processes may keep it in memory too; what decides who may do what never is */
  readonly memory: boolean;
  /** milliseconds between loads ahead of time, so that nobody waits for one; null: loaded when it is asked for */
  readonly refreshEveryMs: number | null;
  /** whether every write of its source drops it: only then does a difference from the source mean a mistake */
  readonly exact: boolean;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Drops who may do what of everybody: a role's permissions have changed. */
export const PERMISSIONS_TAG = "permissions";
/** Drops every page of every list of users. */
export const USERS_TAG = "users";
/** Drops what is cached about one user. */
export function userTag(userId: string): string {
  return `user_${userId}`;
}

const permissions: ReadModel<string, z.infer<typeof accessSchema>> = {
  description: "Who a user is and what they may do",
  schema: accessSchema,
  key: accessCacheName,
  tags: (userId) => [PERMISSIONS_TAG, userTag(userId)],
  ttlMs: 30 * MINUTE,
  graceMs: 15 * MINUTE,
  memory: false,
  refreshEveryMs: null,
  exact: true,
};

const settings: ReadModel<void, z.infer<typeof storedSettingsSchema>> = {
  description: "Run-time settings",
  schema: storedSettingsSchema,
  key: () => SETTINGS_CACHE_NAME,
  tags: () => [],
  ttlMs: 10 * MINUTE,
  graceMs: HOUR,
  // The switches below are among them, and must reach every process within a second.
  memory: false,
  refreshEveryMs: null,
  exact: true,
};

const statistics: ReadModel<void, z.infer<typeof statisticsSchema>> = {
  description: "The dashboard's counts",
  schema: statisticsSchema,
  key: () => "statistics:dashboard",
  // Who registers is counted at once; generations are as old as the counts.
  tags: () => ["statistics", USERS_TAG],
  ttlMs: 5 * MINUTE,
  graceMs: 24 * HOUR,
  memory: true,
  refreshEveryMs: 4 * MINUTE,
  exact: false,
};

const users: ReadModel<ListUsersQuery, z.infer<typeof userListSchema>> = {
  description: "Pages of the list of users",
  schema: userListSchema,
  key: ({ limit, q, cursor }) => {
    const filter = new URLSearchParams({ limit: String(limit) });
    if (q !== undefined && q !== "") filter.set("q", q);
    if (cursor !== undefined) filter.set("cursor", cursor);
    return `users:list:${filter.toString()}`;
  },
  tags: () => [USERS_TAG],
  ttlMs: HOUR,
  graceMs: 24 * HOUR,
  memory: true,
  refreshEveryMs: null,
  exact: true,
};

/** Every read model, as data; the cache service brings a loader for each. */
export const readModels = { permissions, settings, statistics, users } satisfies Record<
  ReadModelName,
  unknown
>;
type ReadModels = typeof readModels;

/** What a read model's values are told apart by. */
export type ReadModelArgument<N extends ReadModelName> = Parameters<ReadModels[N]["key"]>[0];
/** A read model's value. */
export type ReadModelValue<N extends ReadModelName> = z.infer<ReadModels[N]["schema"]>;

/** How one value of a read model is kept. */
export interface KeptValue<T> extends Omit<ReadModel<never, T>, "key" | "tags"> {
  readonly key: string;
  readonly tags: readonly string[];
}

export function keptValue<N extends ReadModelName>(
  model: N,
  argument: ReadModelArgument<N>,
): KeptValue<ReadModelValue<N>> {
  // Indexing with a generic name loses that argument and value belong to it.
  const { key, tags, ...how } = readModels[model] as unknown as ReadModel<
    ReadModelArgument<N>,
    ReadModelValue<N>
  >;
  return { ...how, key: key(argument), tags: tags(argument) };
}
