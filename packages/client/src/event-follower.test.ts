import type { GenerationEvent } from "@vibe-friend/contracts/generation-event";
import { createEventFollower, type EventFollower } from "./event-follower";

function event(seq: number, type: "queued" | "failed" | "completed" = "queued"): GenerationEvent {
  const head = { generationId: "01890000-0000-7000-8000-000000000001", seq, at: "2026-01-01T00:00:00Z" };
  if (type === "completed") return { ...head, type, files: 0 };
  if (type === "failed") return { ...head, type, problem: { code: "engine_failed", title: "It broke" } };
  return { ...head, type };
}

async function read(follower: EventFollower): Promise<number[]> {
  const seqs: number[] = [];
  for await (const { seq } of follower.events()) seqs.push(seq);
  return seqs;
}

describe("a follower", () => {
  it("passes on each event once, in order, and leaves out what comes after a gap", async () => {
    const follower = createEventFollower(0);
    expect([1, 2, 2, 1, 4, 3].map((seq) => follower.accept(event(seq)))).toEqual([
      "taken",
      "taken",
      "seen",
      "seen",
      "gap",
      "taken",
    ]);
    follower.end();
    expect(await read(follower)).toEqual([1, 2, 3]);
  });

  it("ends at the final event when the log ends there", async () => {
    const follower = createEventFollower(0);
    follower.acknowledge({ status: "running", lastSeq: 1 });
    follower.accept(event(1));
    follower.accept(event(2, "completed"));
    expect(await read(follower)).toEqual([1, 2]);
  });

  it("goes on past the failure of a run that was retried", async () => {
    const follower = createEventFollower(0);
    follower.acknowledge({ status: "completed", lastSeq: 4 });
    for (const next of [event(1), event(2, "failed"), event(3), event(4, "completed")]) follower.accept(next);
    expect(await read(follower)).toEqual([1, 2, 3, 4]);
  });

  it("waits for the acknowledgement when the final event comes first", async () => {
    const follower = createEventFollower(0);
    follower.accept(event(1, "failed"));
    expect(follower.isBehind()).toBe(true);
    follower.acknowledge({ status: "running", lastSeq: 2 });
    follower.accept(event(2));
    follower.accept(event(3, "completed"));
    expect(await read(follower)).toEqual([1, 2, 3]);
  });

  it("does not take an old end for the end after it had to subscribe again", () => {
    const follower = createEventFollower(0);
    follower.acknowledge({ status: "running", lastSeq: 1 });
    follower.accept(event(1));
    follower.expectAcknowledgement();
    follower.accept(event(2, "failed"));
    follower.acknowledge({ status: "running", lastSeq: 5 });
    expect(follower.isBehind()).toBe(true);
    expect(follower.accept(event(3))).toBe("taken");
  });

  it("ends at once when the caller has everything of an ended generation", async () => {
    const follower = createEventFollower(7);
    follower.acknowledge({ status: "cancelled", lastSeq: 7 });
    expect(await read(follower)).toEqual([]);
  });

  it("hands over what it has before it throws", async () => {
    const follower = createEventFollower(0);
    follower.accept(event(1));
    follower.fail(new Error("gone"));
    const events = follower.events();
    expect((await events.next()).value).toMatchObject({ seq: 1 });
    await expect(events.next()).rejects.toThrow("gone");
  });
});
