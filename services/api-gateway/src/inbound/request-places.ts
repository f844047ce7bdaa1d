import { sendProblem } from "@vibe-friend/service-kit/problem-response";
import { bulkhead } from "cockatiel";
import type { RequestHandler, Response } from "express";

export interface RequestPlacesOptions {
  /** handled at once by this process */
  readonly maxConcurrent: number;
  /** that wait for one of those to end; further ones are refused at once */
  readonly maxWaiting: number;
}

/** Nobody waits longer for a place; milliseconds. */
const WAIT_MS = 1000;
const RETRY_AFTER_SECONDS = 1;

/**
 * Takes a place for each request until its answer is out, and refuses at once what finds neither a place nor
 * room to wait: under overload those that are let in stay quick, and memory is bounded.
 */
export function createRequestPlaces({ maxConcurrent, maxWaiting }: RequestPlacesOptions): RequestHandler {
  const places = bulkhead(maxConcurrent, maxWaiting);
  return (_request, response, next) => {
    const wait = setTimeout(() => {
      if (!response.headersSent) refuse(response);
    }, WAIT_MS);
    const handled = places.execute(() => {
      clearTimeout(wait);
      if (response.destroyed || response.headersSent) return Promise.resolve();
      return new Promise<void>((resolve) => {
        response.once("close", resolve);
        leaving.set(response, resolve);
        next();
      });
    });
    handled.catch(() => {
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

function refuse(response: Response): void {
  sendProblem(response, "unavailable", {
    detail: "Too many requests at once",
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
}
