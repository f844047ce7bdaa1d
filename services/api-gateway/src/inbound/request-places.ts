import { AsyncResource } from "node:async_hooks";
import { sendProblem } from "@vibe-friend/service-kit/problem-response";
import { bulkhead } from "cockatiel";
import type { RequestHandler, Response } from "express";

export interface RequestPlacesOptions {
  /** handled at once by this process */
  readonly maxConcurrent: number;
  /** that wait for one of those to end; further ones are refused at once */
  readonly maxWaiting: number;
  /** of answers that are made and not taken yet; what is beyond keeps its place. Default 64 MB. */
  readonly maxUnsentBytes?: number;
  /** milliseconds a client may take nothing of an answer before it is cut off; default 60 s */
  readonly stallMs?: number;
}

/** Nobody waits longer for a place; milliseconds. */
const WAIT_MS = 1000;
const RETRY_AFTER_SECONDS = 1;

/**
 * Takes a place for each request until its answer is made, and refuses at once what finds neither a place nor
 * room to wait: under overload those that are let in stay quick, and memory is bounded. How slowly a client takes
 * its answer is nobody else's business.
 */
export function createRequestPlaces(options: RequestPlacesOptions): RequestHandler {
  const { maxConcurrent, maxWaiting, stallMs = 60_000 } = options;
  const places = bulkhead(maxConcurrent, maxWaiting);
  const unsent = createUnsentCount(options.maxUnsentBytes ?? 64 * 1024 * 1024);
  return (_request, response, next) => {
    const wait = setTimeout(() => {
      if (!response.headersSent) refuse(response);
    }, WAIT_MS);
    // Whoever leaves lets the next one in, who goes on as the request it is: with its own budget.
    const enter = AsyncResource.bind(() => {
      clearTimeout(wait);
      if (response.destroyed || response.headersSent) return Promise.resolve();
      return new Promise<void>((resolve) => {
        response.once("close", resolve);
        response.once("prefinish", () => {
          response.setTimeout(stallMs, () => response.destroy());
          if (unsent.take(response)) resolve();
        });
        leaving.set(response, resolve);
        next();
      });
    });
    places.execute(enter).catch(() => {
      clearTimeout(wait);
      refuse(response);
    });
  };
}

/** How each request under way gives its place back. */
const leaving = new WeakMap<Response, () => void>();

/** For what has done its work and goes on for long: streams, and requests that wait for a generation's end. */
export function leavePlace(response: Response): void {
  leaving.get(response)?.();
}

/** What is kept for clients that have not taken their answers yet. */
function createUnsentCount(maxBytes: number) {
  let bytes = 0;
  return {
    /** @returns false: there is too much already */
    take(response: Response): boolean {
      const own = response.writableLength;
      if (bytes + own > maxBytes) return false;
      bytes += own;
      response.once("close", () => {
        bytes -= own;
      });
      return true;
    },
  };
}

function refuse(response: Response): void {
  sendProblem(response, "unavailable", {
    detail: "Too many requests at once",
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
}
