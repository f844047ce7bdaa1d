import { describeFailure, describeGivenUp } from "./engine-problem";
import { EngineError, type EngineErrorCode } from "./generation-engine";

const run = (attempt: number, openForMs = 0) => ({ attempt, openForMs });
const failed = (code: EngineErrorCode, retryAfterMs?: number) =>
  new EngineError(code, "It said so.", {
    retryable: true,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
const almostOne = () => 0.999_999;
const none = () => 0;

describe("the pause before another try", () => {
  it("is anywhere between none and the longest, which doubles with each failure up to a bound", () => {
    const pauses = (random: () => number) =>
      [1, 2, 3, 10].map(
        (attempt) => describeFailure(failed("model_unavailable"), run(attempt), random).retryAfterMs,
      );
    expect(pauses(none)).toEqual([0, 0, 0, 0]);
    expect(pauses(almostOne)).toEqual([4000, 8000, 16_000, 60_000]);
    expect(pauses(() => 0.5)).toEqual([2000, 4000, 8000, 30_000]);
  });

  it("differs by the kind of error", () => {
    const codes: EngineErrorCode[] = ["model_timeout", "output_truncated", "model_rate_limited"];
    const longest = codes.map((code) => describeFailure(failed(code), run(1), almostOne).retryAfterMs);
    expect(longest).toEqual([2000, 1000, 4000]);
  });

  it("is at least what the model asks for, with jitter on top", () => {
    const error = failed("model_rate_limited", 30_000);
    expect(describeFailure(error, run(1), none).retryAfterMs).toBe(30_000);
    expect(describeFailure(error, run(1), almostOne).retryAfterMs).toBe(34_000);
    const many = new Set(Array.from({ length: 50 }, () => describeFailure(error, run(1)).retryAfterMs));
    expect(many.size).toBeGreaterThan(10);
  });

  it("grows with the time it has gone on where no attempt is counted", () => {
    const pause = (openForMs: number) =>
      describeFailure(failed("model_rate_limited"), run(1, openForMs), almostOne).retryAfterMs;
    expect([pause(0), pause(20_000), pause(3_000_000)]).toEqual([4000, 20_000, 120_000]);
  });
});

it("counts an attempt for everything but a busy model", () => {
  expect(describeFailure(failed("model_rate_limited"), run(1)).isCounted).toBe(false);
  expect(describeFailure(failed("model_unavailable"), run(1)).isCounted).toBe(true);
});

it("has no other try for what isn't worth one, and no words for what is ours", () => {
  const final = new EngineError("model_refused", "No.", { retryable: false });
  expect(describeFailure(final, run(1)).retryAfterMs).toBeUndefined();
  expect(describeFailure(new Error("secret"), run(1))).toEqual({
    problem: { code: "internal", title: "Something went wrong on our side" },
    retryAfterMs: undefined,
  });
});

it("says what failed last, and that it was given up", () => {
  const failure = describeFailure(failed("model_rate_limited"), run(1));
  expect(describeGivenUp(failure, 3_600_000)).toEqual({
    problem: {
      code: "model_rate_limited",
      title: "The model is busy",
      detail: "It said so. Given up 60 min after it began.",
    },
    retryAfterMs: undefined,
  });
});
