import { Cluster } from "ioredis";
import type { RedisClient } from "./redis-role";

/** How many keys the server looks at per page: about a millisecond of its time. */
const lookedAtPerPage = 1000;

/** Walks through all keys that match, on every master. Keys made or deleted meanwhile may or may not come. */
export async function* scanKeys(client: RedisClient, pattern: string): AsyncIterable<readonly string[]> {
  const nodes = client instanceof Cluster ? client.nodes("master") : [client];
  for (const node of nodes) {
    let cursor = "0";
    do {
      const [next, page] = await node.scan(cursor, "MATCH", pattern, "COUNT", lookedAtPerPage);
      yield page;
      cursor = next;
    } while (cursor !== "0");
  }
}
