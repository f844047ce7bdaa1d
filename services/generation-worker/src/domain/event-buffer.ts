import type { GenerationEventBody } from "@vibe-friend/contracts/generation-event";
import { cutText } from "./storable-text";

/** UTF-16 units of text in one delta; keeps events small enough to ride along with news. */
const MAX_DELTA_LENGTH = 8 * 1024;

/** Events of one run that aren't stored yet. Neighbouring deltas of a file become one, as do progress reports. */
export interface EventBuffer {
  add(body: GenerationEventBody): void;
  /** Takes events from the front, at least one if there is any, up to about `maxSize`. */
  take(maxSize: number): readonly GenerationEventBody[];
  /** About as many UTF-16 units as its JSON. */
  size(): number;
  isEmpty(): boolean;
  clear(): void;
}

export function createEventBuffer(): EventBuffer {
  let bodies: GenerationEventBody[] = [];
  let size = 0;

  function push(body: GenerationEventBody): void {
    const last = bodies.at(-1);
    if (last?.type === "progress" && body.type === "progress") {
      size += sizeOf(body) - sizeOf(last);
      bodies[bodies.length - 1] = body;
      return;
    }
    if (last?.type === "file:delta" && body.type === "file:delta" && last.path === body.path) {
      if (last.text.length + body.text.length <= MAX_DELTA_LENGTH) {
        bodies[bodies.length - 1] = { ...last, text: last.text + body.text };
        size += body.text.length;
        return;
      }
    }
    bodies.push(body);
    size += sizeOf(body);
  }

  return {
    add(body) {
      if (body.type !== "file:delta" || body.text.length <= MAX_DELTA_LENGTH) {
        push(body);
        return;
      }
      for (const text of cutText(body.text, MAX_DELTA_LENGTH)) push({ ...body, text });
    },
    take(maxSize) {
      let count = 0;
      let taken = 0;
      for (const body of bodies) {
        const next = sizeOf(body);
        if (count > 0 && taken + next > maxSize) break;
        taken += next;
        count += 1;
      }
      size -= taken;
      const front = bodies.slice(0, count);
      bodies = bodies.slice(count);
      return front;
    },
    size: () => size,
    isEmpty: () => bodies.length === 0,
    clear() {
      bodies = [];
      size = 0;
    },
  };
}

function sizeOf(body: GenerationEventBody): number {
  const text = body.type === "file:delta" ? body.text.length : 0;
  return text + 200;
}
