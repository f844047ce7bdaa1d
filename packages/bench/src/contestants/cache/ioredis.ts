import { Redis } from "ioredis";
import type { Entry } from "../../workload/entry";
import { cacheTtlMs } from "./cache-contestant";
import type { CacheSetup, OpenCache } from "./cache-contestant";

/** What a few lines by hand do: GET and JSON.parse; tags are sets of names, deleted one by one. Default settings. */
export const openIoredis: OpenCache = (setup, source) => {
  const client = connect(setup);
  const tagKey = (tag: string): string => `tag:${tag}`;

  async function store(name: string): Promise<Entry> {
    const entry = await source.load(name);
    await client.set(name, JSON.stringify(entry), "PX", cacheTtlMs);
    if (setup.tagged) await Promise.all(source.tagsOf(name).map((tag) => client.sadd(tagKey(tag), name)));
    return entry;
  }

  return Promise.resolve({
    async read(name) {
      const text = await client.get(name);
      return text === null ? store(name) : (JSON.parse(text) as Entry);
    },
    invalidateKeys: (names) => client.del(...names),
    async invalidateTag(tag) {
      const names = await client.smembers(tagKey(tag));
      for (let start = 0; start < names.length; start += 1000) {
        await client.unlink(...names.slice(start, start + 1000));
      }
      await client.del(tagKey(tag));
    },
    close() {
      client.disconnect();
      return Promise.resolve();
    },
  });
};

function connect({ adapter, redisUrl }: CacheSetup): Redis {
  const client = new Redis(redisUrl, { enableAutoPipelining: adapter === "ioredis-pipelined" });
  client.on("error", () => {
    // Commands tell of it themselves.
  });
  return client;
}
