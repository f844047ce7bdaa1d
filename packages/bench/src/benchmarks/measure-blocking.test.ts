import { summarizeStranger } from "./measure-blocking";

const session = "/api/v1/auth/session";
const list = "/api/v1/generations";

it("tells calm from busy, and one request from the other", () => {
  const figures = summarizeStranger(
    [
      { atMs: 10, latencyMs: 2, outcome: session },
      { atMs: 20, latencyMs: 3, outcome: list },
      { atMs: 100, latencyMs: 40, outcome: session },
      { atMs: 110, latencyMs: 50, outcome: list },
      { atMs: 120, latencyMs: 60, outcome: session },
    ],
    100,
  );
  expect(figures).toMatchObject({
    calmP99Ms: 3,
    sessionP50Ms: 40,
    sessionP99Ms: 60,
    listP99Ms: 50,
    maxMs: 60,
  });
});

it("counts a request without an answer with the time it had", () => {
  const figures = summarizeStranger(
    [
      { atMs: 10, latencyMs: 2, outcome: session },
      { atMs: 100, latencyMs: 40, outcome: session },
      { atMs: 110, latencyMs: 10_000, outcome: "unanswered" },
    ],
    100,
  );
  expect(figures).toMatchObject({ calmP99Ms: 2, sessionP99Ms: 10_000, listP99Ms: 10_000 });
});
