import { createEventFollower } from "./event-follower";
import { createLiveTopic, isLasting, standsStill } from "./live-topic";

describe("a topic", () => {
  it("is asked for again as soon as events are known to be missing", () => {
    const topic = createLiveTopic();
    const follower = createEventFollower(3);
    topic.followers.add(follower);
    follower.acknowledge({ status: "running", lastSeq: 9 });
    expect([standsStill(topic), standsStill(topic)]).toEqual([false, true]);
  });

  it("is asked for again now and then when it is silent and nothing seems to be missing", () => {
    const topic = createLiveTopic();
    const follower = createEventFollower(3);
    topic.followers.add(follower);
    follower.acknowledge({ status: "running", lastSeq: 3 });
    const asked = Array.from({ length: 11 }, () => standsStill(topic));
    expect(asked.filter(Boolean)).toHaveLength(2);
  });
});

it.each([
  [404, true],
  [403, true],
  [429, false],
  [503, false],
])("a refusal with status %p is lasting: %p", (status, expected) => {
  expect(isLasting({ type: "x", title: "x", status, code: "x" })).toBe(expected);
});
