import type { RedisConfig } from "./config";

/** Every key and channel name there is. No other file puts one together. */
export interface RedisKeys {
  /** `gvf:session:<hash>` */
  readonly session: (hash: string) => string;
  /** `gvf:session:user_<id>`, the set of a user's session hashes */
  readonly sessionIndex: (userId: string) => string;
  /** `gvf:cache:<name>`, as in `users:list`; a name doesn't start with `tag_` or `lease_` */
  readonly cache: (name: string) => string;
  /**
   * `gvf:cache:lease_{gvf:cache:<name>}`: who loads a value; in Cluster in the slot of the value. A name with `{}`, or
   * with a `}` that closes nothing, can't have one there: in Cluster its value is never stored.
   */
  readonly cacheLease: (name: string) => string;
  /** Patterns of the leases (and perhaps some more) and of the values of all names that start so. */
  readonly cachePatterns: (namePrefix: string) => { readonly leases: string; readonly values: string };
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
    // Braces make Cluster hash what is between them; a name with braces of its own has said already what to hash.
    cacheLease: (name) =>
      /\{[^}]+\}/.test(`${cachePrefix}${name}`)
        ? `${cachePrefix}lease_${cachePrefix}${name}`
        : `${cachePrefix}lease_{${cachePrefix}${name}}`,
    cachePatterns(namePrefix) {
      const values = `${escapePattern(`${cachePrefix}${namePrefix}`)}*`;
      return { leases: `${escapePattern(`${cachePrefix}lease_`)}*${values}`, values };
    },
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

/** A pattern that matches exactly this text. */
function escapePattern(text: string): string {
  return text.replace(/[\\*?[\]]/g, "\\$&");
}
