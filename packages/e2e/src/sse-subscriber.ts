import { setTimeout as sleep } from "node:timers/promises";
import { isFinalEvent, type GenerationEvent } from "@vibe-friend/contracts/generation-event";

/** Somebody who follows a generation over Server-Sent Events and comes back with Last-Event-ID, as browsers do. */
export interface SseSubscriber {
  /** Every event in the order of arrival. */
  readonly received: GenerationEvent[];
  hasEnded(): boolean;
  close(): void;
}

interface SseOptions {
  /** Gateways to try in turn. */
  readonly urls: () => readonly string[];
  readonly cookie: string | undefined;
}

/** Follows until the final event, whatever breaks the stream. */
export function followOverSse(id: string, { urls, cookie }: SseOptions): SseSubscriber {
  const received: GenerationEvent[] = [];
  const stop = new AbortController();
  const hasEnded = (): boolean => {
    const last = received.at(-1);
    return last !== undefined && isFinalEvent(last);
  };

  async function readOnce(url: string): Promise<void> {
    const response = await fetch(`${url}/api/v1/generations/${id}/events`, {
      signal: stop.signal,
      headers: { cookie: cookie ?? "", "last-event-id": String(received.at(-1)?.seq ?? 0) },
    });
    if (!response.ok || response.body === null) throw new Error(`answered ${response.status}`);
    let text = "";
    const decoder = new TextDecoder();
    for await (const part of response.body) {
      text += decoder.decode(part as Uint8Array, { stream: true });
      const blocks = text.split("\n\n");
      text = blocks.pop() ?? "";
      for (const block of blocks) {
        const data = /^data: ?(.*)$/m.exec(block)?.[1];
        if (data !== undefined) received.push(JSON.parse(data) as GenerationEvent);
      }
    }
  }

  void (async () => {
    for (let turn = 0; !hasEnded() && !stop.signal.aborted; turn += 1) {
      const all = urls();
      await readOnce(all[turn % all.length] ?? "").catch(() => undefined);
      if (!hasEnded()) await sleep(200, undefined, { ref: false });
    }
  })();

  return {
    received,
    hasEnded,
    close() {
      stop.abort();
    },
  };
}
