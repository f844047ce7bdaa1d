import { NetworkError } from "./network-error";
import { ProblemError } from "./problem-error";
import { parseRetryAfter, pauseBeforeRetry } from "./retry-policy";

function problem(status: number, options: { code?: string; retryAfterMs?: number } = {}): ProblemError {
  const { code = "unavailable", retryAfterMs } = options;
  return new ProblemError({ type: "about:blank", title: "No", status, code }, retryAfterMs);
}

describe("the pause before a retry", () => {
  it("grows with every try and ends after the fifth", () => {
    const pauses = [1, 2, 3, 4, 5].map((tries) => pauseBeforeRetry(new NetworkError("x"), tries));
    expect(pauses[0]).toBeLessThanOrEqual(200);
    expect(pauses[3]).toBeGreaterThanOrEqual(800);
    expect(pauses[4]).toBeUndefined();
  });

  it("is at least what the server asked for, and nothing when that is too long", () => {
    expect(pauseBeforeRetry(problem(503, { retryAfterMs: 2_000 }), 1)).toBeGreaterThanOrEqual(2_000);
    expect(pauseBeforeRetry(problem(503, { retryAfterMs: 60_000 }), 1)).toBeUndefined();
  });

  it.each([
    [problem(400, { code: "invalid_request" })],
    [problem(401, { code: "unauthenticated" })],
    [problem(409, { code: "wrong_state" })],
    [problem(429, { code: "quota_exceeded" })],
    [problem(500, { code: "internal" })],
    [new Error("a bug")],
  ])("does not exist for %s", (error) => {
    expect(pauseBeforeRetry(error, 1)).toBeUndefined();
  });
});

describe("Retry-After", () => {
  it.each([
    ["3", 3_000],
    ["0", 0],
    ["Thu, 01 Jan 1970 00:00:05 GMT", 4_000],
    ["soon", undefined],
    ["", undefined],
    [null, undefined],
  ])("%p is %p ms", (value, expected) => {
    expect(parseRetryAfter(value, 1_000)).toBe(expected);
  });
});
