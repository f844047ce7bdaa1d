import { createArrivals } from "./arrivals";

function event(seq: number): string {
  return JSON.stringify({ generationId: "g", seq, text: '"seq":99' });
}

it("knows when the last of all sockets had an event", () => {
  const arrivals = createArrivals(2);
  arrivals.take(0, event(1), 10);
  arrivals.take(0, event(2), 20);
  arrivals.take(1, event(1), 30);
  expect(arrivals.areAllAt(2)).toBe(false);
  expect(arrivals.describeMissing(2)).toBe("1 of 2 sockets did not get all 2 events");
  arrivals.take(1, event(2), 40);
  expect(arrivals.areAllAt(2)).toBe(true);
  expect(arrivals.lastAt(2)).toEqual([30, 40]);
  expect(arrivals.fault).toBeUndefined();
});

it.each([
  [[1, 3], "event 3 came after event 1"],
  [[1, 1], "event 1 came after event 1"],
  [[2], "event 2 came after event 0"],
])("finds what is wrong with %j", (seqs, fault) => {
  const arrivals = createArrivals(1);
  for (const seq of seqs) arrivals.take(0, event(seq), seq);
  expect(arrivals.fault).toBe(fault);
});
