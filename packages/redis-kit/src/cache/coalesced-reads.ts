import { currentRedisBudget, withoutRedisBudget } from "../degradation/budget";
import type { RedisBudget } from "../degradation/budget";
import type { Guard } from "../degradation/guard";
import { RedisFault } from "../errors";
import { ok } from "../outcome";
import type { Guarded } from "../outcome";
import { late, waitAtMost } from "./wait-at-most";

/** A longer command would keep others waiting behind it. */
const maxKeys = 512;
/** Of one batch; milliseconds. */
const deadlineMs = 150;

/** What stands under a key; everybody who asked for it in that batch gets the same object. */
export interface ReadText {
  readonly text: string | undefined;
  /** Room for what a reader made of it, so that the next one need not. */
  made?: unknown;
}

/** Reads of one turn of the event loop as one MGET. */
export interface CoalescedReads {
  /** In the order of `keys`. What was answered was read after this call. */
  read(keys: readonly string[]): Promise<Guarded<readonly ReadText[]>>;
}

interface Batch {
  readonly places: Map<string, number>;
  readonly answer: Promise<Guarded<readonly ReadText[]>>;
  readonly send: () => void;
}

/** A fault fails the callers of its batch, and nobody else. */
export function createCoalescedReads(guard: Guard): CoalescedReads {
  let open: Batch | undefined;
  let underWay = 0;

  function begin(): Batch {
    const places = new Map<string, number>();
    let send: () => void = () => undefined;
    const answer = new Promise<Guarded<readonly ReadText[]>>((resolve) => {
      send = () => {
        resolve(ask([...places.keys()]));
      };
    });
    const batch: Batch = { places, answer, send };
    const flushThis = () => {
      if (open === batch) flush();
    };
    // With nothing under way nobody is waited for; otherwise what other callbacks of this turn ask goes along.
    if (underWay === 0) process.nextTick(flushThis);
    else setImmediate(flushThis);
    return batch;
  }

  function flush(): void {
    open?.send();
    open = undefined;
  }

  async function ask(keys: readonly string[]): Promise<Guarded<readonly ReadText[]>> {
    const label = keys.length === 1 ? (keys[0] ?? "") : `${keys.length} keys`;
    // It serves several requests: the first one's budget must not shorten the wait of all.
    underWay += 1;
    const answer = await withoutRedisBudget(() =>
      guard.run({ name: "cache.get", deadlineMs }, label, (redis) => redis.mget(keys)),
    );
    underWay -= 1;
    return answer.kind === "ok" ? ok(answer.value.map((text) => ({ text }))) : answer;
  }

  return {
    read(keys) {
      if (open !== undefined && open.places.size + keys.length > maxKeys) flush();
      const batch = (open ??= begin());
      const mine = keys.map((key) => {
        const place = batch.places.get(key) ?? batch.places.size;
        batch.places.set(key, place);
        return place;
      });
      const answer = batch.answer.then((all) =>
        all.kind === "ok" ? ok(mine.map((place) => all.value[place] ?? { text: undefined })) : all,
      );
      const budget = currentRedisBudget();
      return budget === undefined ? answer : withinBudget(answer, budget);
    },
  };
}

/** Waits as long as the request that asks may still wait for Redis. */
async function withinBudget<T>(answer: Promise<Guarded<T>>, budget: RedisBudget): Promise<Guarded<T>> {
  const leftMs = budget.leftMs();
  const end = budget.begin();
  try {
    const given = leftMs >= deadlineMs ? await answer : await waitAtMost(answer, leftMs);
    if (given !== late) return given;
    return {
      kind: "unavailable",
      fault: new RedisFault("timeout", "the request has waited for redis enough"),
    };
  } finally {
    end();
  }
}
