import { APIConnectionError, APIConnectionTimeoutError, APIError } from "openai";
import { inspect } from "node:util";
import { toEngineError } from "./model-error";
import { parseRetryAfter } from "./retry-after";

const KEY = "sk-very-secret-0123456789";

function answered(status: number, body: object = {}, headers: Record<string, string> = {}): APIError {
  return APIError.generate(status, { error: body }, undefined, new Headers(headers));
}

describe("toEngineError", () => {
  it.each([
    [401, {}, "model_unavailable", false],
    [403, {}, "model_unavailable", false],
    [404, {}, "model_unavailable", false],
    [400, { code: "unknown_parameter" }, "model_unavailable", false],
    [400, { code: "content_filter" }, "model_refused", false],
    [400, { code: "context_length_exceeded" }, "model_refused", false],
    [413, {}, "model_refused", false],
    [302, {}, "model_unavailable", false],
    [408, {}, "model_timeout", true],
    [409, {}, "model_unavailable", true],
    [429, {}, "model_rate_limited", true],
    [429, { code: "insufficient_quota" }, "model_unavailable", false],
    [500, {}, "model_unavailable", true],
    [503, {}, "model_unavailable", true],
    [529, {}, "model_unavailable", true],
  ])("answers %i %j with %s (retryable: %s)", (status, body, ...[code, retryable]) => {
    expect(toEngineError(answered(status, body), "m", KEY)).toMatchObject({ code, retryable });
  });

  it("reads the status of a failure that was reported inside of the stream", () => {
    const inStream = new APIError(undefined, { code: 429, message: "slow down" }, undefined, undefined);
    expect(toEngineError(inStream, "m", KEY)).toMatchObject({ code: "model_rate_limited", retryable: true });
  });

  it.each([
    ["a time-out", new APIConnectionTimeoutError(), "model_timeout"],
    ["no connection", new APIConnectionError({ message: "no" }), "model_unavailable"],
    ["an answer that isn't JSON", new SyntaxError("Unexpected token"), "model_unavailable"],
    ["a broken connection", new TypeError("terminated"), "model_unavailable"],
  ])("takes %s for worth another try", (_name, error, code) => {
    expect(toEngineError(error, "m", KEY)).toMatchObject({ code, retryable: true });
  });

  it("names what the system said of a refused connection, and not the address", () => {
    const refused = Object.assign(new Error(`connect http://u:${KEY}@host`), { code: "ECONNREFUSED" });
    const error = new APIConnectionError({
      message: `fetch ${KEY}`,
      cause: new TypeError("failed", { cause: refused }),
    });
    const mapped = toEngineError(error, "m", KEY);
    expect(mapped.message).toContain("ECONNREFUSED");
    expect(inspect(mapped, { depth: 10 })).not.toContain(KEY);
  });

  it.each([400, 401, 404, 429, 500])("never repeats a key that a %i answer quotes", (status) => {
    const body = { message: `Incorrect API key: ${KEY}`, code: KEY, type: KEY, param: KEY };
    const mapped = toEngineError(answered(status, body, { "x-debug": KEY }), "m", KEY);
    expect(inspect(mapped, { depth: 10, showHidden: true })).not.toContain(KEY);
  });

  it("carries Retry-After only where another try is of use", () => {
    const headers = { "retry-after": "7" };
    expect(toEngineError(answered(429, {}, headers), "m", KEY).options.retryAfterMs).toBe(7_000);
    expect(toEngineError(answered(503, {}, headers), "m", KEY).options.retryAfterMs).toBe(7_000);
    expect(toEngineError(answered(401, {}, headers), "m", KEY).options.retryAfterMs).toBeUndefined();
  });
});

describe("parseRetryAfter", () => {
  const now = Date.parse("2030-01-01T00:00:00Z");

  it.each([
    [undefined, undefined],
    ["", undefined],
    ["soon", undefined],
    ["0", 0],
    ["2", 2_000],
    ["1.5", 1_500],
    ["999999", 3_600_000],
    ["Tue, 01 Jan 2030 00:00:30 GMT", 30_000],
    ["Mon, 31 Dec 2029 23:59:00 GMT", 0],
  ])("reads %j as %s ms", (value, expected) => {
    const headers = new Headers(value === undefined ? {} : { "retry-after": value });
    expect(parseRetryAfter(headers, now)).toBe(expected);
  });

  it("reads a date against the endpoint's clock, so that a clock that is off doesn't matter", () => {
    const headers = new Headers({
      date: "Tue, 01 Jan 2030 00:05:00 GMT",
      "retry-after": "Tue, 01 Jan 2030 00:05:10 GMT",
    });
    expect(parseRetryAfter(headers, now)).toBe(10_000);
  });
});
