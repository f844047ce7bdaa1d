import { accessSchema, storedSettingsSchema } from "@vibe-friend/contracts/cached-values";
import type { Cache } from "@vibe-friend/redis-kit/cache/cache";
import { ProblemError } from "@vibe-friend/service-kit/problem-error";
import type { ZodType } from "zod";
import type { ReadModel, ReadModelCache } from "../domain/ports";

/** Cache-aside on the cache role: without Redis the source answers, once per key and process at a time. */
export function createRedisReadModels(cache: Cache): ReadModelCache {
  async function read<T>(schema: ZodType<T>, { name, ttlMs, load }: ReadModel<T>): Promise<T> {
    const outcome = await cache.getOrLoad(name, { schema, ttlMs, load });
    if (outcome.kind === "unavailable") throw new ProblemError("unavailable", { cause: outcome.fault });
    return outcome.value;
  }
  return {
    access: (model) => read(accessSchema, model),
    settings: (model) => read(storedSettingsSchema, model),
    async forget(name) {
      // When Redis doesn't take it, the journal's row does, before anybody trusts Redis again.
      await cache.delete(name);
    },
  };
}
