import { summarizeOutage } from "./summarize-outage";

const moments = { lostAt: 1000, backAt: 2000 };

function read(atMs: number, latencyMs: number, outcome = "ok") {
  return { atMs, latencyMs, outcome };
}

it("tells what went before, during and after apart, and when all was normal again", () => {
  const samples = [
    read(500, 1),
    read(1500, 200, "error"),
    read(1600, 700, "load"),
    read(1700, 3, "stale"),
    read(2100, 60),
    read(2200, 2, "stale"),
    read(2500, 1),
  ];
  expect(summarizeOutage(samples, moments)).toMatchObject({
    beforeP99Ms: 1,
    duringMaxMs: 700,
    afterP50Ms: 2,
    afterMaxMs: 60,
    errors: 1,
    stale: 1,
    loads: 1,
    normalMs: 202,
  });
});

it("is normal at once when nothing failed afterwards, and not before the last failing read has ended", () => {
  const calm = [read(1, 1), read(1500, 1), read(2500, 1)];
  expect(summarizeOutage(calm, moments)["normalMs"]).toBe(0);
  expect(summarizeOutage([...calm, read(1900, 600, "unanswered")], moments)["normalMs"]).toBe(500);
});
