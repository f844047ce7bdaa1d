import { summarizeFanOut } from "./fan-out";
import { mergeLast } from "./fan-out-crowd";

it("waits for the slowest process of clients", () => {
  expect(
    mergeLast([
      [10, 40],
      [20, 30],
    ]),
  ).toEqual([20, 40]);
});

it("leaves history out, and counts from the first live event to the last arrival", () => {
  const figures = summarizeFanOut({
    sentAt: [0, 1000, 1500],
    lastAt: [500, 1010, 2000],
    from: 900,
    sockets: 10,
  });
  expect(figures).toEqual({ lastP50Ms: 10, lastP99Ms: 500, deliveredPerSecond: 20 });
  expect(() => summarizeFanOut({ sentAt: [0], lastAt: [1], from: 10, sockets: 1 })).toThrow(
    "no event came live",
  );
});
