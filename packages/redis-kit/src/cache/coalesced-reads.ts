import type { Guard } from "../degradation/guard";
import { ok } from "../outcome";
import type { Guarded } from "../outcome";

/** A longer command would keep others waiting behind it. */
const maxKeys = 512;

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

  function begin(): Batch {
    const places = new Map<string, number>();
    let send: () => void = () => undefined;
    const answer = new Promise<Guarded<readonly ReadText[]>>((resolve) => {
      send = () => {
        resolve(ask([...places.keys()]));
      };
    });
    const batch: Batch = { places, answer, send };
    setImmediate(() => {
      if (open === batch) flush();
    });
    return batch;
  }

  function flush(): void {
    open?.send();
    open = undefined;
  }

  async function ask(keys: readonly string[]): Promise<Guarded<readonly ReadText[]>> {
    const label = keys.length === 1 ? (keys[0] ?? "") : `${keys.length} keys`;
    const answer = await guard.run("cache.get", label, (redis) => redis.mget(keys));
    return answer.kind === "ok" ? ok(answer.value.map((text) => ({ text }))) : answer;
  }

  return {
    async read(keys) {
      if (open !== undefined && open.places.size + keys.length > maxKeys) flush();
      const batch = (open ??= begin());
      const mine = keys.map((key) => {
        const place = batch.places.get(key) ?? batch.places.size;
        batch.places.set(key, place);
        return place;
      });
      const answer = await batch.answer;
      if (answer.kind === "unavailable") return answer;
      return ok(mine.map((place) => answer.value[place] ?? { text: undefined }));
    },
  };
}
