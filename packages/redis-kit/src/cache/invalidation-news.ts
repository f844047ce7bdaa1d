import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Bus } from "../bus/bus";
import { withoutRedisBudget } from "../degradation/budget";
import { describeError } from "../errors";
import type { Invalidation } from "../journal/trust";
import type { KitLogger } from "../logger";
import type { InvalidationNotes } from "./invalidation-notes";

const topic = "cache-invalidated";
/** At most one message in this time; milliseconds. */
const batchMs = 50;
/** More than this is told as "everything", which is cheaper to send and to take in. */
const maxSubjects = 500;
/** The way without Redis carries a few kilobytes only. */
const maxPointerCharacters = 3000;

const names = z.array(z.string()).optional();
const newsSchema = z.object({
  from: z.string(),
  keys: names,
  tags: names,
  prefixes: names,
  all: z.boolean().optional(),
});

type What = Omit<Invalidation, "hashes">;

/** Tells other processes' memory tiers what they have to drop, and hears it from them. */
export interface InvalidationNews {
  /** Does not wait: the first goes out at once, the next together after 50 ms. */
  tell(what: What): void;
  close(): Promise<void>;
}

/** Without a bus nothing is told. */
export function createInvalidationNews(
  bus: Bus | undefined,
  notes: InvalidationNotes,
  logger: KitLogger,
): InvalidationNews {
  const self = randomUUID();
  const pending = { keys: new Set<string>(), tags: new Set<string>(), prefixes: new Set<string>() };
  let timer: NodeJS.Timeout | undefined;

  async function send(): Promise<void> {
    const { keys, tags, prefixes } = pending;
    const isMany = keys.size + tags.size + prefixes.size > maxSubjects;
    const everything = { from: self, all: true };
    const message = isMany
      ? everything
      : { from: self, keys: [...keys], tags: [...tags], prefixes: [...prefixes] };
    for (const subjects of [keys, tags, prefixes]) subjects.clear();
    const isLong = JSON.stringify(message).length > maxPointerCharacters;
    await bus?.publish(topic, message, isLong ? everything : message);
  }

  function flush(): void {
    timer = undefined;
    if (pending.keys.size + pending.tags.size + pending.prefixes.size === 0) return;
    timer = setTimeout(flush, batchMs).unref();
    // It speaks for several requests, and nobody waits for it.
    withoutRedisBudget(send).catch((error: unknown) => {
      logger.warn("other processes could not be told of an invalidation", { error: describeError(error) });
    });
  }

  const subscribed = bus?.subscribe(topic, newsSchema, (news) => {
    // What this process has read since it told the others is newer.
    if (news.from === self) return;
    if (news.all === true) notes.noteAll();
    else notes.note(known(news));
  });
  subscribed?.catch((error: unknown) => {
    logger.error("invalidations of other processes can't be heard", { error: describeError(error) });
  });
  const endGaps = bus?.onGap(() => {
    notes.noteAll();
  });

  return {
    tell(what) {
      if (bus === undefined) return;
      for (const key of what.keys ?? []) pending.keys.add(key);
      for (const tag of what.tags ?? []) pending.tags.add(tag);
      for (const prefix of what.prefixes ?? []) pending.prefixes.add(prefix);
      if (timer === undefined) flush();
    },
    async close() {
      clearTimeout(timer);
      endGaps?.();
      (await subscribed?.catch(() => undefined))?.();
      if (timer !== undefined) await send().catch(() => undefined);
    },
  };
}

function known({ keys, tags, prefixes }: z.infer<typeof newsSchema>): What {
  return { keys: keys ?? [], tags: tags ?? [], prefixes: prefixes ?? [] };
}
