import type { Notification } from "@vibe-friend/contracts/notification";
import { createLiveGate } from "./live-gate";

function setup() {
  const seen: number[] = [];
  const gate = createLiveGate(({ seq }) => seen.push(seq));
  const accept = (...seqs: number[]) => {
    for (const seq of seqs) gate.accept({ seq } as Notification);
  };
  return { seen, gate, accept };
}

describe("what is new", () => {
  it("is what came after the list was read, also when it came before that was known", () => {
    const { seen, gate, accept } = setup();
    accept(3, 4, 5, 6);
    expect(seen).toEqual([]);
    gate.open(4);
    accept(7);
    expect(seen).toEqual([5, 6, 7]);
  });

  it("is new once, however often it is said and the list is read", () => {
    const { seen, gate, accept } = setup();
    gate.open(0);
    accept(1, 1, 2);
    gate.open(0);
    accept(1, 2, 3);
    expect(seen).toEqual([1, 2, 3]);
  });
});
