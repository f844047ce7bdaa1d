import { createHash } from "node:crypto";
import type { EngineEvent } from "../../domain/generation-engine";
import { createBuiltInEngine } from "./built-in-engine";
import { generateProject } from "./generate-project";

// Formatting a project takes seconds on a busy machine.
jest.setTimeout(30_000);

const PROMPT = "a library with books (title, isbn unique) that belong to authors (name). Sparkle it up.";

function request(prompt: string): {
  generationId: string;
  prompt: string;
  model: undefined;
  attempt: number;
} {
  return { generationId: "0190a000-0000-7000-8000-000000000000", prompt, model: undefined, attempt: 1 };
}

async function collect(events: AsyncIterable<EngineEvent>): Promise<EngineEvent[]> {
  const all: EngineEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

describe("createBuiltInEngine", () => {
  it("emits files one after the other whose deltas make up their content", async () => {
    const engine = createBuiltInEngine({ charactersPerSecond: 0 });
    expect(engine.name).toBe("builtin");
    const events = await collect(engine.generate(request(PROMPT), new AbortController().signal));
    const contents = new Map<string, string>();
    let open: string | undefined;
    for (const event of events) {
      if (event.type === "file:opened") {
        expect(open).toBeUndefined();
        open = event.path;
        contents.set(event.path, "");
      } else if (event.type === "file:delta") {
        expect(event.path).toBe(open);
        expect(event.text.length).toBeGreaterThan(0);
        expect(event.text.length).toBeLessThanOrEqual(121);
        contents.set(event.path, (contents.get(event.path) ?? "") + event.text);
      } else if (event.type === "file:completed") {
        expect(event.path).toBe(open);
        open = undefined;
      }
    }
    expect(open).toBeUndefined();
    const { files } = await generateProject(PROMPT);
    expect([...contents].map(([path, text]) => [path, hash(text)])).toEqual(
      files.map(({ path, content }) => [path, hash(content)]),
    );
  });

  it("tells how it read the prompt before the first file, and progress that never falls up to 100", async () => {
    const engine = createBuiltInEngine({ charactersPerSecond: 0 });
    const events = await collect(engine.generate(request(PROMPT), new AbortController().signal));
    const firstFile = events.findIndex(({ type }) => type === "file:opened");
    const logs = events.flatMap((event, index) => (event.type === "log" ? [{ ...event, index }] : []));
    expect(logs.every(({ index }) => index < firstFile)).toBe(true);
    expect(logs.map(({ level, message }) => `${level}: ${message}`)).toEqual([
      "info: Understood Author: name (text).",
      "info: Understood Book: title (text), isbn (text, unique); belongs to author.",
      'warn: Ignored, because it says nothing about resources or fields: "Sparkle it up".',
    ]);
    const percents = events.flatMap((event) => (event.type === "progress" ? [event.percent] : []));
    expect(percents).toEqual([...percents].sort((a, b) => a - b));
    expect(percents.at(0)).toBe(0);
    expect(percents.at(-1)).toBe(100);
    expect(percents.filter((percent) => percent === 100)).toHaveLength(1);
  });

  it("leaves out what an earlier attempt has written, and writes anew what differs", async () => {
    const { files } = await generateProject(PROMPT);
    const completedFiles = files.slice(0, 5).map(({ path, content }, at) => ({
      path,
      bytes: Buffer.byteLength(content),
      sha256: hash(at === 2 ? `${content}changed` : content),
      readContent: () => Promise.reject(new Error("the digest is enough")),
    }));
    const engine = createBuiltInEngine({ charactersPerSecond: 0 });
    const events = await collect(
      engine.generate({ ...request(PROMPT), attempt: 2, completedFiles }, new AbortController().signal),
    );
    const opened = events.flatMap((event) => (event.type === "file:opened" ? [event.path] : []));
    const expected = files.filter((_, at) => at === 2 || at >= 5);
    expect(opened).toEqual(expected.map(({ path }) => path));
    expect(events).toContainEqual({
      type: "log",
      level: "info",
      message: "Going on after 5 files of an earlier attempt.",
    });
    const percents = events.flatMap((event) => (event.type === "progress" ? [event.percent] : []));
    expect(percents).toEqual([...percents].sort((a, b) => a - b));
    expect(percents.at(-1)).toBe(100);
  });

  it("writes nothing where an earlier attempt has written all", async () => {
    const { files } = await generateProject(PROMPT);
    const completedFiles = files.map(({ path, content }) => ({
      path,
      bytes: Buffer.byteLength(content),
      sha256: hash(content),
      readContent: () => Promise.resolve(content),
    }));
    const engine = createBuiltInEngine({ charactersPerSecond: 0 });
    const events = await collect(
      engine.generate({ ...request(PROMPT), completedFiles }, new AbortController().signal),
    );
    expect(events.filter(({ type }) => type.startsWith("file:"))).toEqual([]);
  });

  it("fails a prompt with nothing to build from", async () => {
    const engine = createBuiltInEngine({ charactersPerSecond: 0 });
    const run = collect(engine.generate(request("Hello there"), new AbortController().signal));
    await expect(run).rejects.toMatchObject({ code: "nothing_to_build", retryable: false });
  });

  it("writes at about the pace asked for", async () => {
    const engine = createBuiltInEngine({ charactersPerSecond: 20_000 });
    const abort = new AbortController();
    const startedAt = performance.now();
    let characters = 0;
    for await (const event of engine.generate(request(PROMPT), abort.signal)) {
      if (event.type === "file:delta") characters += event.text.length;
      if (characters >= 8_000) break;
    }
    const elapsedMs = performance.now() - startedAt;
    expect(elapsedMs).toBeGreaterThan(350);
    expect(elapsedMs).toBeLessThan(2_000);
  });

  it.each([0, 50, 12_000])(
    "stops within 100 ms of an abort at %p characters a second",
    async (charactersPerSecond) => {
      const engine = createBuiltInEngine({ charactersPerSecond });
      const abort = new AbortController();
      const reason = new Error("cancelled");
      let abortedAt = 0;
      const timer = setTimeout(() => {
        abortedAt = performance.now();
        abort.abort(reason);
      }, 60);
      const run = collect(
        engine.generate(request(`${PROMPT} ${"widgets (name, size int), ".repeat(20)}`), abort.signal),
      );
      await expect(run).rejects.toBe(reason);
      clearTimeout(timer);
      expect(performance.now() - abortedAt).toBeLessThan(100);
    },
  );

  it("doesn't begin when it is aborted already", async () => {
    const engine = createBuiltInEngine({ charactersPerSecond: 0 });
    const reason = new Error("too late");
    await expect(collect(engine.generate(request(PROMPT), AbortSignal.abort(reason)))).rejects.toBe(reason);
  });
});
