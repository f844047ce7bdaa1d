import { answer, encodeAnswer, rateLimit, readTask } from "@vibe-friend/local-stack/testing/model-scripts";
import type { Script } from "@vibe-friend/local-stack/testing/openai-test-server";
import { encodeFile } from "./file-protocol";
import { eventsOf, logOf, type TestFile } from "./testing/engine-run";
import { startTestModel, type TestModel } from "./testing/llm-setup";

// A test that goes on behind its time limit would answer the next one's requests.
jest.setTimeout(30_000);

const readme: TestFile = { path: "README.md", content: "# Library\n" };
const whole: TestFile = { path: "src/a.ts", content: "export function a() {\n  return 1;\n}\n" };
const elided: TestFile = {
  path: "src/a.ts",
  content: "export function a() {\n  // ... rest of the code unchanged\n}\n",
};
const unparsable: TestFile = { path: "src/a.ts", content: "export function a() {\n  return 1;\n" };

let model: TestModel;

beforeAll(async () => {
  model = await startTestModel();
});

afterAll(async () => {
  await model.close();
});

function write(...files: TestFile[]): Script {
  return answer((nonce) => encodeAnswer(nonce, files));
}

describe("a file that can't be used", () => {
  it.each([
    ["has a gap", elided, "line 2 stands for something left out (“// ... rest of the code unchanged”)"],
    ["has a syntax error", unparsable, "it can't be parsed: Unexpected token (3:0)"],
  ])("and %s is asked for once more, whole, with the reason", async (_name, broken, fault) => {
    const result = await model.run([write(broken, readme), write(whole)]);
    expect(result.error).toBeUndefined();
    expect(result.files).toEqual([readme, whole]);
    expect(eventsOf(result, "file:opened").map(({ path }) => path)).toEqual([
      "src/a.ts",
      "README.md",
      "src/a.ts",
    ]);
    expect(result.requests).toHaveLength(2);
    const messages = result.requests[1]!.body.messages!;
    expect(messages.at(-1)!.content).toContain(`- src/a.ts: ${fault}\n`);
    expect(messages.at(-2)!.content).toContain(encodeFile(result.requests[1]!.nonce, broken));
    expect(readTask(result.requests[1]!)).toEqual({ saved: [], again: ["src/a.ts"], isRepair: true });
    expect(logOf(result)).toEqual([
      `warn: src/a.ts can't stay as it is: ${fault}. The model will be asked for it again.`,
      "info: Asking the model again for 1 file: src/a.ts.",
      "info: src/a.ts came again and is in order.",
    ]);
    expect(eventsOf(result, "usage").at(-1)).toEqual({ type: "usage", inputTokens: 20, outputTokens: 40 });
  });

  it("and is still broken is kept, said so plainly, and not asked for again", async () => {
    const result = await model.run([write(elided, readme), write(unparsable)]);
    expect(result.error).toBeUndefined();
    expect(result.files).toEqual([readme, unparsable]);
    expect(result.requests).toHaveLength(2);
    expect(logOf(result).at(-1)).toBe(
      "warn: src/a.ts is kept as it is and needs a look: it can't be parsed: Unexpected token (3:0).",
    );
  });

  it.each<[string, Script]>([
    ["writes nothing", write()],
    ["only talks", answer("I'd rather not.")],
    ["writes something else", write({ path: "src/b.ts", content: "export {};\n" })],
    ["is rate limited", rateLimit(60)],
    ["refuses", (exchange) => exchange.finish("content_filter")],
    [
      "breaks off before the file",
      async (exchange) => {
        await exchange.text("Well, ");
        exchange.destroy();
      },
    ],
    ["says something that isn't the API", (exchange) => exchange.raw("data: {oops\n\n")],
  ])("is kept where the model asked again %s", async (_name, script) => {
    const result = await model.run([write(elided, readme), script]);
    expect(result.error).toBeUndefined();
    expect(result.files).toEqual(expect.arrayContaining([elided, readme]));
    expect(result.requests).toHaveLength(2);
    expect(logOf(result).at(-1)).toMatch(/^warn: src\/a\.ts is kept as it is and needs a look: line 2 /);
  });

  it.each(["length", "reset"])("is put back where the model breaks off in it (%s)", async (how) => {
    const half: Script = async (exchange) => {
      await exchange.text(encodeFile(exchange.request.nonce, whole).slice(0, -40));
      if (how === "reset") {
        exchange.destroy();
        return;
      }
      await exchange.finish("length");
      await exchange.done();
    };
    const result = await model.run([write(elided, readme), half]);
    expect(result.error).toBeUndefined();
    expect(result.files).toEqual([readme, elided]);
    expect(result.requests).toHaveLength(2);
    expect(logOf(result).at(-1)).toMatch(/^warn: src\/a\.ts is kept as it is/);
  });

  it("is asked for after the rest of a truncated answer has come", async () => {
    const cut: Script = async (exchange) => {
      await exchange.text(encodeFile(exchange.request.nonce, elided));
      await exchange.finish("length");
      await exchange.done();
    };
    const result = await model.run([cut, write(readme), write(whole)]);
    expect(result.error).toBeUndefined();
    expect(result.files).toEqual([readme, whole]);
    expect(result.requests).toHaveLength(3);
  });

  it("and was written again by the model itself isn't asked for", async () => {
    const result = await model.run([write(elided, whole)]);
    expect(result.files).toEqual([whole]);
    expect(result.requests).toHaveLength(1);
  });

  it("in a code block is asked for too", async () => {
    const block = "**src/a.ts**\n```ts\nexport function a() {\n  // rest unchanged\n}\n```\n";
    const result = await model.run([answer(block), write(whole)]);
    expect(result.error).toBeUndefined();
    expect(result.files).toEqual([whole]);
  });

  it("never makes a run endless: a model whose every file is broken is asked three times more", async () => {
    let at = 0;
    const broken: Script = (exchange) => {
      at += 1;
      const files = Array.from({ length: 30 }, (_, index) => ({
        path: `f${at}-${index}.ts`,
        content: "{\n",
      }));
      return write(...files)(exchange);
    };
    const result = await model.run([broken]);
    expect(result.error).toBeUndefined();
    expect(result.requests).toHaveLength(4);
    expect(result.files).toHaveLength(120);
    const kept = logOf(result).filter((line) => line.includes("is kept as it is"));
    expect(kept).toHaveLength(120);
  });

  it("is left alone in a person's words: prose, spreads and stubs cost nothing", async () => {
    const files = [
      { path: "README.md", content: "The rest is unchanged...\n\n```ts\n// ... existing code ...\n```\n" },
      { path: "a.ts", content: "export const a = (...rest: number[]) => [\n  ...rest,\n];\n" },
      { path: "b.py", content: "def b() -> None:\n    ...\n" },
      { path: "tsconfig.json", content: '{\n  // strict\n  "strict": true,\n}\n' },
    ];
    const result = await model.run([write(...files)]);
    expect(result.requests).toHaveLength(1);
    expect(logOf(result)).toEqual([]);
  });
});

describe("an abort", () => {
  it.each([
    ["a continuation", "length" as const],
    ["a repair", "stop" as const],
  ])("during %s closes its socket at once", async (_name, finish) => {
    const abort = new AbortController();
    const reason = new Error("cancelled by its owner");
    let abortedAt = 0;
    const first: Script = async (exchange) => {
      const { nonce } = exchange.request;
      const text = encodeAnswer(nonce, [elided]);
      await exchange.text(finish === "stop" ? text : text.slice(0, -30));
      await exchange.finish(finish);
      await exchange.done();
    };
    const hanging: Script = async (exchange) => {
      await exchange.text(`@@FILE ${exchange.request.nonce} {"path":"src/a.ts"}\n`);
      setTimeout(() => {
        abortedAt = Date.now();
        abort.abort(reason);
      }, 20);
      await exchange.hang();
    };
    const result = await model.run([first, hanging], { signal: abort.signal });
    expect(result.error).toBe(reason);
    expect(result.requests).toHaveLength(2);
    const closedAt = await result.requests[1]!.closed;
    expect(closedAt - abortedAt).toBeLessThan(2_000);
    expect(result.requests[1]!.state()).toBe("left");
  });
});
