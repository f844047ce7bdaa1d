import { generationSchema } from "@vibe-friend/contracts/generation";
import { pageOf } from "@vibe-friend/contracts/ids";
import { parseAnswer } from "./loose-answer";
import { NetworkError } from "./network-error";

const generation = {
  id: "01890000-0000-7000-8000-000000000001",
  userId: "01890000-0000-7000-8000-000000000002",
  prompt: "a library",
  engine: "builtin",
  model: null,
  status: "failed",
  progress: 10,
  attempt: 1,
  priority: 5,
  error: { code: "engine_failed", title: "It broke" },
  filesCount: 0,
  createdAt: "2026-01-01T00:00:00Z",
  startedAt: null,
  finishedAt: null,
  lastSeq: 3,
};

describe("reading an answer", () => {
  it("drops fields that a newer server added, at any depth", () => {
    const newer = { ...generation, colour: "red", error: { ...generation.error, hint: "try" } };
    const page = parseAnswer(pageOf(generationSchema), { items: [newer], nextCursor: null, total: 1 });
    expect(page).toEqual({ items: [generation], nextCursor: null });
  });

  it("refuses what lacks a field or has another type", () => {
    expect(() => parseAnswer(generationSchema, { ...generation, progress: "half" })).toThrow(NetworkError);
    expect(() => parseAnswer(generationSchema, "<html>")).toThrow(NetworkError);
  });
});
