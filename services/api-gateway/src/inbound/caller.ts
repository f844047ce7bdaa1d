import type { Request } from "express";
import type { Caller } from "@vibe-friend/contracts/internal";
import { readRequestId } from "@vibe-friend/service-kit/request-id";

/** Where a request came from; `X-Forwarded-For` counts only behind a trusted proxy. */
export function describeCaller(request: Request): Caller {
  const userAgent = request.get("user-agent")?.slice(0, 400);
  return {
    ...(request.ip === undefined ? {} : { ip: request.ip.slice(0, 64) }),
    ...(userAgent === undefined ? {} : { userAgent }),
    requestId: readRequestId(request),
  };
}
