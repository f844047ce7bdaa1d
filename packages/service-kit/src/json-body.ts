import express, { type RequestHandler, type Router } from "express";
import { sendProblem } from "./problem-response";

/** Bytes of a JSON body. */
export const JSON_LIMIT_BYTES = 256 * 1024;

/** A body far over the limit is not read to its end: the connection is closed after the answer. */
const READ_ANYWAY_BYTES = 8 * 1024 * 1024;

/** Parses JSON bodies; refuses other media types (415), broken JSON (400) and large bodies (413). */
export function createJsonBody(limitBytes = JSON_LIMIT_BYTES): Router {
  const router = express.Router();
  router.use(refuseHugeBody, requireJson, express.json({ limit: limitBytes, strict: false }));
  return router;
}

const refuseHugeBody: RequestHandler = (request, response, next) => {
  if (Number(request.get("content-length") ?? 0) <= READ_ANYWAY_BYTES) {
    next();
    return;
  }
  response.setHeader("Connection", "close");
  sendProblem(response, "payload_too_large");
};

const requireJson: RequestHandler = (request, response, next) => {
  const length = request.get("content-length");
  const hasBody = request.get("transfer-encoding") !== undefined || (length !== undefined && length !== "0");
  if (!hasBody || request.is(["application/json", "+json"]) !== false) {
    next();
    return;
  }
  request.resume();
  sendProblem(response, "unsupported_media_type");
};
