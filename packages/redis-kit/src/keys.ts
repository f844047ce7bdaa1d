import type { RedisConfig } from "./config";

/** Every key and channel name there is. No other file puts one together. */
export interface RedisKeys {
  /** `gvf:session:<hash>` */
  readonly session: (hash: string) => string;
  /** `gvf:session:user_<id>`, the set of a user's session hashes */
  readonly sessionIndex: (userId: string) => string;
  /** `gvf:cache:<name>`, as in `users:list` */
  readonly cache: (name: string) => string;
  /** `gvf:cache:tag_<tag>` */
  readonly cacheTag: (tag: string) => string;
  /** BullMQ's `prefix`; braced in Cluster, so that a queue's keys share a slot */
  readonly queuePrefix: string;
  /** BullMQ's queue name; with the prefix it makes `gvf:queue:<name>`. @throws {RangeError} on ":" */
  readonly queueName: (name: string) => string;
  /** `gvf:notify:<topic>`, a Pub/Sub channel */
  readonly notify: (topic: string) => string;
  /** `gvf:limit:<name>` */
  readonly limit: (name: string) => string;
}

/** Makes the key names from the configured prefixes. */
export function createKeys(config: RedisConfig): RedisKeys {
  const { state, sessionPrefix, cachePrefix, queuePrefix, notifyPrefix, keyPrefix } = config;
  const isCluster = !state.disabled && state.clusterNodes !== undefined;
  return {
    session: (hash) => `${sessionPrefix}${hash}`,
    sessionIndex: (userId) => `${sessionPrefix}user_${userId}`,
    cache: (name) => `${cachePrefix}${name}`,
    cacheTag: (tag) => `${cachePrefix}tag_${tag}`,
    queuePrefix: isCluster ? `{${queuePrefix}}` : queuePrefix,
    queueName(name) {
      if (!/^[A-Za-z0-9_-]{1,60}$/.test(name)) {
        throw new RangeError(`a queue name is 1 to 60 of A-Z a-z 0-9 _ -, not ${JSON.stringify(name)}`);
      }
      return name;
    },
    notify: (topic) => `${notifyPrefix}${topic}`,
    limit: (name) => `${keyPrefix}:limit:${name}`,
  };
}
