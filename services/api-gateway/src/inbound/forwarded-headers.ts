import type { IncomingMessage } from "node:http";
import type { Request } from "express";
import { readRequestId } from "@vibe-friend/service-kit/request-id";

/** What only we say about a caller; whatever the caller says itself is thrown away. */
const identityHeader = /^(x-forwarded-.*|forwarded|x-real-ip|x-user-.*|x-internal-.*|x-session-.*)$/i;

export interface ForwardedFacts {
  readonly ip: string | undefined;
  readonly protocol: string;
  readonly requestId: string;
}

export function describeForwarded(request: Request): ForwardedFacts {
  return { ip: request.ip, protocol: request.protocol, requestId: readRequestId(request) };
}

/** Replaces the headers about the caller on a request that is passed on. */
export function replaceIdentityHeaders(request: IncomingMessage, facts: ForwardedFacts): void {
  const { headers } = request;
  for (const name of Object.keys(headers)) {
    if (identityHeader.test(name)) Reflect.deleteProperty(headers, name);
  }
  if (facts.ip !== undefined) headers["x-forwarded-for"] = facts.ip;
  headers["x-forwarded-proto"] = facts.protocol;
  if (headers.host !== undefined) headers["x-forwarded-host"] = headers.host;
  headers["x-request-id"] = facts.requestId;
}
