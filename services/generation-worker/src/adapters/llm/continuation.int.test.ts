import fc from "fast-check";
import { setTimeout as sleep } from "node:timers/promises";
import {
  cutFiles,
  encodeAnswer,
  rateLimit,
  writeFiles,
} from "@vibe-friend/local-stack/testing/model-scripts";
import type { Script } from "@vibe-friend/local-stack/testing/openai-test-server";
import { encodeDone, encodeFile } from "./file-protocol";
import { createLlmEngine } from "./llm-engine";
import { eventsOf, logOf, type TestFile } from "./testing/engine-run";
import { startTestModel, type TestModel } from "./testing/llm-setup";

// A test that goes on behind its time limit would answer the next one's requests.
jest.setTimeout(30_000);

const books: TestFile = { path: "src/books.ts", content: 'export const books = ["Ü🙂日"];\n' };
const empty: TestFile = { path: "src/empty.ts", content: "" };
const readme: TestFile = { path: "README.md", content: "# Library\n\n@@END\n```bash\nnpm start\n```" };
const program = [books, empty, readme];

let model: TestModel;

beforeAll(async () => {
  model = await startTestModel();
});

afterAll(async () => {
  await model.close();
});

function byPath(files: readonly TestFile[]): TestFile[] {
  return [...files].sort((a, b) => a.path.localeCompare(b.path));
}

describe("an answer cut at any position", () => {
  const length = encodeAnswer("0".repeat(12), program).length;
  const header = encodeFile("0".repeat(12), books).indexOf("\n");

  it("is continued until the program is whole, wherever its length limit was", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: length }), async (afterCharacters) => {
        const cut = cutFiles(program, { afterCharacters, by: "length" });
        const result = await model.run([cut, writeFiles(program)]);
        expect(result.error).toBeUndefined();
        expect(byPath(result.files)).toEqual(byPath(program));
        expect(result.requests).toHaveLength(2);
        expect(logOf(result)).toContainEqual(expect.stringMatching(/^warn: The answer is incomplete/));
      }),
      { numRuns: 30 },
    );
  }, 30_000);

  it.each(["silence", "reset"] as const)(
    "is continued, or left to another attempt, and never whole by itself: %s",
    async (by) => {
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: length }), async (afterCharacters) => {
          const cut = cutFiles(program, { afterCharacters, by });
          const result = await model.run([cut, writeFiles(program)]);
          if (afterCharacters <= header) {
            expect(result.error).toMatchObject({ code: "model_unavailable", retryable: true });
            return;
          }
          expect(result.error).toBeUndefined();
          expect(byPath(result.files)).toEqual(byPath(program));
          expect(result.requests).toHaveLength(2);
        }),
        { numRuns: 20 },
      );
    },
    30_000,
  );

  it("goes on over many cuts as long as each answer brings a file", async () => {
    const many = Array.from({ length: 9 }, (_, at) => ({ path: `f${at}.txt`, content: "line\n".repeat(40) }));
    const oneEach = cutFiles(many, { afterCharacters: 330, by: "length" });
    const result = await model.run([...many.map(() => oneEach), writeFiles(many)]);
    expect(result.error).toBeUndefined();
    expect(result.files).toEqual(many);
    expect(result.requests).toHaveLength(10);
  });

  it("is given up after three answers in a row without a new file", async () => {
    const result = await model.run([cutFiles(program, { afterCharacters: 80, by: "length" })]);
    expect(result.error).toMatchObject({ code: "output_truncated", retryable: false });
    expect(result.requests).toHaveLength(3);
  });

  it("is given up when it only repeats what is there", async () => {
    const repeats: Script = async (exchange) => {
      await exchange.text(encodeFile(exchange.request.nonce, books));
      await exchange.finish("length");
      await exchange.done();
    };
    const result = await model.run([repeats]);
    expect(result.error).toMatchObject({ code: "output_truncated" });
    expect(result.requests).toHaveLength(4);
    expect(result.files).toEqual([books]);
  });

  it("is given up after the last continuation allowed", async () => {
    let at = 0;
    const endless: Script = async (exchange) => {
      at += 1;
      await exchange.text(encodeFile(exchange.request.nonce, { path: `f${at}.txt`, content: "x\n" }));
      await exchange.finish("length");
      await exchange.done();
    };
    const result = await model.run([endless]);
    expect(result.error).toMatchObject({ code: "output_truncated" });
    expect(result.requests).toHaveLength(13);
    expect(result.files).toHaveLength(13);
  });

  it("counts the tokens of all answers", async () => {
    const cut: Script = async (exchange) => {
      await exchange.text(encodeFile(exchange.request.nonce, books));
      await exchange.finish("length");
      await exchange.usage(3, 4);
      await exchange.done();
    };
    const result = await model.run([cut, writeFiles(program)]);
    expect(eventsOf(result, "usage").at(-1)).toEqual({ type: "usage", inputTokens: 13, outputTokens: 24 });
  });

  it("is continued in the same words for the model: what is saved, what was cut off", async () => {
    const afterCharacters = encodeAnswer("0".repeat(12), program).indexOf("# Library") + 5;
    const { requests } = await model.run([
      cutFiles(program, { afterCharacters, by: "length" }),
      writeFiles(program),
    ]);
    const asked = requests[1]!.body.messages!.at(-1)!.content;
    expect(asked).toMatch(
      /^Saved \(2 files\)[^\n]*\n- src\/books\.ts\n- src\/empty\.ts\nWrite again first[^\n]*\n- README\.md\n/m,
    );
  });

  it("takes the blocks of an answer for its count too", async () => {
    const twice: Script = async (exchange) => {
      const { nonce } = exchange.request;
      await exchange.text(encodeFile(nonce, books) + encodeFile(nonce, books) + encodeDone(nonce, 2));
      await exchange.finish("stop");
      await exchange.done();
    };
    const result = await model.run([twice]);
    expect(result.error).toBeUndefined();
    expect(result.requests).toHaveLength(1);
  });
});

describe("a model", () => {
  it("that takes no more requests in the middle is left to another attempt, not before Retry-After", async () => {
    const cut = cutFiles(program, { afterCharacters: 130, by: "length" });
    const result = await model.run([cut, rateLimit(7)]);
    expect(result.error).toMatchObject({ code: "model_rate_limited", retryable: true });
    expect(result.error!.options.retryAfterMs).toBe(7_000);
    expect(result.requests).toHaveLength(2);
    expect(result.files).toEqual([books]);
  });

  it("that thinks for long gives a sign of life", async () => {
    const thinking: Script = async (exchange) => {
      for (let at = 0; at < 20; at += 1) {
        await exchange.chunk({ choices: [{ delta: { content: null, reasoning_content: "hm" } }] });
        await sleep(10);
      }
      await exchange.text("<think>\n");
      for (let at = 0; at < 20; at += 1) {
        await exchange.text("hm ");
        await sleep(10);
      }
      await exchange.text("</think>\n");
      await writeFiles(program)(exchange);
    };
    const result = await model.run([thinking], { engine: { timeouts: { quietMs: 100 } } });
    expect(result.error).toBeUndefined();
    expect(result.files).toEqual(program);
    const signs = eventsOf(result, "progress").filter(({ stage }) => stage === "The model is thinking");
    expect(signs.length).toBeGreaterThanOrEqual(2);
  });

  it("that writes one file again and again, without end, is stopped by the time limit", async () => {
    const endless: Script = async (exchange) => {
      while (!exchange.isClosed()) {
        await exchange.text(encodeFile(exchange.request.nonce, books));
        await sleep(5);
      }
    };
    const result = await model.run([endless], { engine: { timeouts: { totalMs: 400 } } });
    expect(result.error).toMatchObject({ code: "model_timeout", retryable: true });
    await result.requests[0]!.closed;
    expect(result.requests[0]!.state()).toBe("left");
  });
});

describe("another attempt", () => {
  it("writes only what an earlier one hasn't completed", async () => {
    const result = await model.run([writeFiles(program)], { earlier: [books, empty] });
    expect(result.error).toBeUndefined();
    expect(result.files).toEqual([books, empty, readme]);
    expect(eventsOf(result, "file:opened").map(({ path }) => path)).toEqual([readme.path]);
    const messages = result.requests[0]!.body.messages!;
    expect(messages.map(({ role }) => role)).toEqual(["system", "user", "assistant", "user"]);
    expect(messages[2]!.content).toBe(
      encodeFile(result.requests[0]!.nonce, books) + encodeFile(result.requests[0]!.nonce, empty),
    );
    expect(logOf(result)).toContain("info: Going on after 2 files of an earlier attempt.");
  });

  it("may find that nothing is missing", async () => {
    const result = await model.run([writeFiles(program)], { earlier: program });
    expect(result.error).toBeUndefined();
    expect(result.files).toEqual(program);
    expect(eventsOf(result, "file:opened")).toEqual([]);
    expect(result.requests).toHaveLength(1);
  });

  it.each([0, 1, 3])(
    "takes %i as the count where one of three files was missing only if it fits",
    async (files) => {
      const counting: Script = async (exchange) => {
        const { nonce } = exchange.request;
        await exchange.text(encodeFile(nonce, readme) + encodeDone(nonce, files));
        await exchange.finish("stop");
        await exchange.done();
      };
      const result = await model.run([counting, writeFiles(program)], { earlier: [books, empty] });
      expect(result.error).toBeUndefined();
      expect(result.requests).toHaveLength(files === 0 ? 2 : 1);
    },
  );

  it("shows the newest files within its bounds, and names all", async () => {
    const big = Array.from({ length: 6 }, (_, at) => ({
      path: `f${at}.txt`,
      content: `${at}`.repeat(50_000),
    }));
    const { requests, error } = await model.run([writeFiles([...big, readme])], { earlier: big });
    expect(error).toBeUndefined();
    const [, , shown, asked] = requests[0]!.body.messages!;
    expect([...shown!.content.matchAll(/^@@FILE \S+ \{"path":"(\S+?)"/gm)].map(([, path]) => path)).toEqual([
      "f4.txt",
      "f5.txt",
    ]);
    for (const { path } of big) expect(asked!.content).toContain(`- ${path}\n`);
  });

  it("asks again for a file that an earlier one left broken", async () => {
    const broken = { path: "a.ts", content: "// ... existing code ...\n" };
    const fixed = { path: "a.ts", content: "export {};\n" };
    const result = await model.run([writeFiles([readme]), writeFiles([fixed, readme])], {
      earlier: [broken],
    });
    expect(result.error).toBeUndefined();
    expect(result.files).toEqual([readme, fixed]);
  });

  it("passes on what its store says", async () => {
    const gone = new Error("the store is away");
    const engine = createLlmEngine({ baseUrl: model.server.baseUrl, apiKey: undefined, model: "m" });
    const file = { path: "a.ts", bytes: 1, sha256: "", readContent: () => Promise.reject(gone) };
    const request = { generationId: "g", prompt: "p", model: undefined, attempt: 2, completedFiles: [file] };
    const seen: unknown[] = [];
    const reading = (async () => {
      for await (const event of engine.generate(request, new AbortController().signal)) seen.push(event);
    })();
    await expect(reading).rejects.toBe(gone);
  });
});
