import { describeDuration, describeSize, describeTime } from "./describe-time";

const now = Date.parse("2026-03-10T12:00:00Z");

describe("times, durations and sizes for people", () => {
  it.each([
    ["2026-03-10T11:59:50Z", "just now"],
    ["2026-03-10T11:55:00Z", "5 minutes ago"],
    ["2026-03-10T09:00:00Z", "3 hours ago"],
    ["2026-03-09T12:00:00Z", "yesterday"],
    ["2026-01-02T12:00:00Z", "Jan 2, 2026"],
  ])("%s is %s", (at, expected) => {
    expect(describeTime(at, now)).toBe(expected);
  });

  it.each([
    [820, "0.8 s"],
    [13_600, "14 s"],
    [125_000, "2 min 5 s"],
    [-5, "0.0 s"],
  ])("%p ms is %s", (ms, expected) => {
    expect(describeDuration(ms)).toBe(expected);
  });

  it.each([
    [812, "812 B"],
    [14_210, "14.2 KB"],
    [3_100_000, "3.1 MB"],
  ])("%p bytes is %s", (bytes, expected) => {
    expect(describeSize(bytes)).toBe(expected);
  });
});
