import type { Response } from "express";
import { isEnded } from "@vibe-friend/contracts/generation";
import { isFinalEvent, type GenerationEvent } from "@vibe-friend/contracts/generation-event";
import { notFound } from "../domain/errors";
import type { Feed, GenerationStore, News } from "../domain/ports";
import type { RouteHandlers } from "./api-routes";
import { leavePlace } from "./request-places";
import { drained } from "./stream-body";
import { createStreamCount } from "./stream-count";

export interface EventsRoutesDependencies {
  readonly store: Pick<GenerationStore, "find">;
  readonly feed: Feed;
  readonly news: Pick<News, "onSessionRevoked">;
  /** the process is stopping: streams end, and clients go on elsewhere with their last id */
  readonly draining: AbortSignal;
  /** milliseconds between comments that keep the connection; default 15 s */
  readonly heartbeatMs?: number;
  /** milliseconds a client may take nothing before it is cut off; default 30 s */
  readonly stallMs?: number;
  /** streams one person may have open through this process; default 20 */
  readonly maxStreams?: number;
}

/** Server-Sent Events: `id` is the sequence number, `Last-Event-ID` (or `?after=`) goes on behind it. */
export function createGenerationEventsRoutes(
  dependencies: EventsRoutesDependencies,
): Pick<RouteHandlers, "followGeneration"> {
  const { store, feed, news, draining, heartbeatMs = 15_000, stallMs = 30_000 } = dependencies;
  const streams = createStreamCount("streams of events", dependencies.maxStreams ?? 20);
  return {
    async followGeneration({ principal, params, query, headers }, request, response) {
      const generation = await store.find(principal.session.userId, params.id);
      if (generation === undefined) throw notFound();
      const after = headers["last-event-id"] ?? query.after ?? 0;
      if (isEnded(generation.status) && after >= generation.lastSeq) {
        // All was seen. No content is what tells an EventSource not to come back.
        response.status(204).end();
        return;
      }
      const leave = streams.enter(principal.session.userId);
      response.once("close", leave);
      openStream(response);
      leavePlace(response);
      if (request.method === "HEAD") {
        response.end();
        return;
      }
      const stream = createEventStream(response, { stallMs, endSeq: generation.lastSeq });
      const heartbeat = setInterval(stream.keepOpen, heartbeatMs);
      const stopListening = news.onSessionRevoked(principal.session, stream.end);
      draining.addEventListener("abort", stream.end);
      if (draining.aborted) stream.end();
      try {
        const following = await feed.follow({ generationId: generation.id, after }, stream);
        await stream.closed;
        following.close();
      } finally {
        stopListening();
        clearInterval(heartbeat);
        draining.removeEventListener("abort", stream.end);
      }
    },
  };
}

function openStream(response: Response): void {
  response.setHeader("Content-Type", "text/event-stream; charset=utf-8");
  response.setHeader("X-Accel-Buffering", "no");
  response.flushHeaders();
  response.write("retry: 1000\n\n");
}

interface StreamOptions {
  readonly stallMs: number;
  /** where the log ended at the start: a final event before it is of a run that was tried again */
  readonly endSeq: number;
}

function createEventStream(response: Response, { stallMs, endSeq }: StreamOptions) {
  const closed = new Promise<void>((resolve) => {
    if (response.destroyed) resolve();
    response.once("close", resolve);
  });
  const end = () => {
    response.end();
  };
  return {
    closed,
    end,
    keepOpen: () => {
      if (!response.writableEnded) response.write(": still here\n\n");
    },
    /** Waits for a slow reader, but not for ever: it comes back with its last id. */
    onEvents: async (events: readonly GenerationEvent[]): Promise<void> => {
      if (response.writableEnded || response.destroyed) return;
      if (!response.write(events.map(formatEvent).join(""))) await drained(response, stallMs);
      const last = events.at(-1);
      if (last !== undefined && isFinalEvent(last) && last.seq >= endSeq) end();
    },
  };
}

function formatEvent(event: GenerationEvent): string {
  return `id: ${event.seq}\ndata: ${JSON.stringify(event)}\n\n`;
}
