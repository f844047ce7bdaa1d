import { createEventHistory } from "./event-history";
import type { EventHistory } from "./event-history";
import type { LiveSocket } from "./live-socket";
import { nowMs } from "./open-loop";

const patienceMs = 30_000;

/**
 * Follows a generation to its end.
 *
 * @throws {Error} when an event is missing, comes twice or out of order, or the end isn't `completed`
 */
export async function followGeneration(socket: LiveSocket, id: string): Promise<EventHistory> {
  const history = createEventHistory(nowMs);
  let timer: NodeJS.Timeout | undefined;
  const ended = new Promise<void>((resolve, reject) => {
    timer = setTimeout(() => {
      reject(
        new Error(`a generation had no end within ${patienceMs} ms, its last event was ${history.lastSeq}`),
      );
    }, patienceMs);
    socket
      .subscribe(id, (text) => {
        history.take(text);
        if (history.fault !== undefined) reject(new Error(history.fault));
        else if (history.isEnded) resolve();
      })
      .catch(reject);
  });
  try {
    await ended;
  } finally {
    clearTimeout(timer);
    socket.unsubscribe(id);
  }
  return history;
}
