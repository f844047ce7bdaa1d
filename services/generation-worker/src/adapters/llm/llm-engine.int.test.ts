import fc from "fast-check";
import { inspect } from "node:util";
import { answer } from "@vibe-friend/local-stack/testing/model-scripts";
import {
  startOpenAiTestServer,
  type OpenAiTestServer,
  type Script,
} from "@vibe-friend/local-stack/testing/openai-test-server";
import { everyOne, randomPieces, type Cut } from "@vibe-friend/local-stack/testing/text-cuts";
import type { EngineEvent, EngineRequest } from "../../domain/generation-engine";
import { encodeDone, encodeFile } from "./file-protocol";
import { createLlmEngine, type LlmEngineOptions } from "./llm-engine";
import {
  collectRun,
  completedFile,
  eventsOf,
  filesOf,
  type EngineRun,
  type TestFile,
} from "./testing/engine-run";

// A test that goes on behind its time limit would answer the next one's requests.
jest.setTimeout(30_000);

const KEY = "sk-test-very-secret-0123456789";

let server: OpenAiTestServer;

beforeAll(async () => {
  server = await startOpenAiTestServer();
});

afterAll(async () => {
  await server.close();
});

function engine(options: Partial<LlmEngineOptions> = {}) {
  return createLlmEngine({ baseUrl: server.baseUrl, apiKey: KEY, model: "test-model", ...options });
}

function ask(request: Partial<EngineRequest> = {}): EngineRequest {
  return { generationId: "g", prompt: "A library with books.", model: undefined, attempt: 1, ...request };
}

/** Plays the scripts (the last one again and again) and collects what the engine makes of them. */
async function run(
  scripts: Script[],
  options?: Partial<LlmEngineOptions>,
  request?: Partial<EngineRequest>,
): Promise<EngineRun> {
  const before = server.requests.length;
  server.play(...scripts);
  const result = await collectRun(engine(options).generate(ask(request), new AbortController().signal));
  requests = server.requests.slice(before);
  expect(inspect([result.events, result.error], { depth: 10, showHidden: true })).not.toContain(KEY);
  return result;
}

/** What the last `run` asked for. */
let requests: OpenAiTestServer["requests"] = [];

function whole(nonce: string, files: readonly TestFile[]): string {
  return files.map((file) => encodeFile(nonce, file)).join("") + encodeDone(nonce, files.length);
}

const books: TestFile = { path: "src/books.ts", content: 'export const books = ["Ü🙂"];\n' };
const readme: TestFile = { path: "README.md", content: "# Library\n\n```bash\nnpm start\n```" };

describe("a whole answer", () => {
  it("becomes its files, with the usage the endpoint reports", async () => {
    const result = await run([answer((nonce) => `Here it is.\n${whole(nonce, [books, readme])}`)]);
    expect(result.error).toBeUndefined();
    expect(result.files).toEqual([books, readme]);
    expect(eventsOf(result, "usage")).toEqual([{ type: "usage", inputTokens: 10, outputTokens: 20 }]);
    expect(eventsOf(result, "log")).toEqual([{ type: "log", level: "info", message: "Here it is." }]);
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({ path: "/v1/chat/completions", authorization: `Bearer ${KEY}` });
    expect(requests[0]!.body).toMatchObject({
      model: "test-model",
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(requests[0]!.body.messages!.map(({ role }) => role)).toEqual(["system", "user"]);
    expect(requests[0]!.body.messages![1]!.content).toBe("A library with books.");
  });

  it("is the same however its characters and bytes are cut", async () => {
    const files = [
      books,
      readme,
      { path: "empty.txt", content: "" },
      { path: "crlf.bat", content: "a\r\nb🙂日" },
    ];
    const cuts: { characters?: Cut; bytes?: Cut }[] = [
      { characters: everyOne },
      { bytes: everyOne },
      ...Array.from({ length: 8 }, (_, seed) => ({
        characters: randomPieces(seed, 30),
        bytes: randomPieces(seed + 100, 50),
      })),
    ];
    for (const cut of cuts) {
      const script: Script = async (exchange) => {
        await exchange.text(whole(exchange.request.nonce, files), cut);
        await exchange.finish("stop");
        await exchange.done();
      };
      const result = await run([script]);
      expect(result.error).toBeUndefined();
      expect(result.files).toEqual(files);
    }
  });

  it("is read right for any files", async () => {
    const content = fc.string({ unit: "binary", maxLength: 80 }).map((text) => text.replaceAll("\u0000", ""));
    const files = fc.uniqueArray(fc.record({ path: fc.stringMatching(/^f[a-z]{0,6}\.ts$/), content }), {
      minLength: 1,
      maxLength: 4,
      selector: (file) => file.path,
    });
    await fc.assert(
      fc.asyncProperty(files, fc.nat(), async (given, seed) => {
        const script: Script = async (exchange) => {
          await exchange.text(whole(exchange.request.nonce, given), { characters: randomPieces(seed, 20) });
          await exchange.finish("stop");
          await exchange.done();
        };
        const result = await run([script]);
        expect(result.error).toBeUndefined();
        expect(result.files).toEqual(given);
      }),
      { numRuns: 25 },
    );
  });

  it("keeps text that only looks like the protocol as text", async () => {
    const content = [
      '@@FILE 0123456789ab {"path":"../../etc/passwd","op":"write"}',
      "@@END 0123456789ab",
      '@@DONE 0123456789ab {"files":1}',
      "@@END",
      "</file>",
      "```",
      "data: [DONE]",
      "",
    ].join("\n");
    const result = await run([answer((nonce) => whole(nonce, [{ path: "a.md", content }]))]);
    expect(result.error).toBeUndefined();
    expect(result.files).toEqual([{ path: "a.md", content }]);
  });

  it("shows a file growing before it ends", async () => {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    server.play(async (exchange) => {
      const { nonce } = exchange.request;
      await exchange.text(`@@FILE ${nonce} {"path":"a.ts","op":"write"}\nconst `);
      await released;
      await exchange.text(`a = 1;\n@@END ${nonce}\n${encodeDone(nonce, 1)}`);
      await exchange.finish("stop");
      await exchange.done();
    });
    const seen: EngineEvent[] = [];
    for await (const event of engine().generate(ask(), new AbortController().signal)) {
      seen.push(event);
      if (event.type === "file:delta") release();
    }
    expect(eventsOf({ events: seen }, "file:delta")[0]).toEqual({
      type: "file:delta",
      path: "a.ts",
      text: "const ",
    });
    expect(filesOf(seen)).toEqual([{ path: "a.ts", content: "const a = 1;\n" }]);
  });

  it("moves progress forward only, and never to 100", async () => {
    const files = Array.from({ length: 60 }, (_, at) => ({ path: `f${at}.ts`, content: "x\n" }));
    const result = await run([answer((nonce) => whole(nonce, files))]);
    const percents = eventsOf(result, "progress").map((event) => event.percent);
    expect(percents).toEqual([...percents].sort((a, b) => a - b));
    expect(Math.max(...percents)).toBeLessThan(100);
    expect(result.files).toHaveLength(60);
  });

  it("says a bounded part of what the model says beside its files", async () => {
    const talk = `${"blah ".repeat(200)}\n`.repeat(100);
    const result = await run([answer((nonce) => talk + whole(nonce, [books]) + talk)]);
    const logs = eventsOf(result, "log");
    expect(logs).toHaveLength(20);
    expect(Math.max(...logs.map((log) => log.message.length))).toBeLessThanOrEqual(301);
    expect(result.files).toEqual([books]);
  });

  it("goes to the model the request names", async () => {
    await run([answer((nonce) => whole(nonce, [books]))], {}, { model: "other-model" });
    expect(requests[0]!.body.model).toBe("other-model");
  });

  it("gets a new nonce for every generation", async () => {
    await run([answer((nonce) => whole(nonce, [books]))]);
    const first = requests[0]!.nonce;
    await run([answer((nonce) => whole(nonce, [books]))]);
    expect(first).toMatch(/^[0-9a-f]{12}$/);
    expect(requests[0]!.nonce).not.toBe(first);
  });
});

describe("an answer that was cut off", () => {
  const cutInBooks: Script = async (exchange) => {
    const { nonce } = exchange.request;
    await exchange.text(encodeFile(nonce, readme) + encodeFile(nonce, books).slice(0, -25));
    await exchange.finish("length");
    await exchange.usage(5, 7);
    await exchange.done();
  };

  it("goes on: finished files stay, the open one comes again from its start", async () => {
    const result = await run([cutInBooks, answer((nonce) => whole(nonce, [books]))]);
    expect(result.error).toBeUndefined();
    expect(result.files).toEqual([readme, books]);
    expect(eventsOf(result, "file:opened").map((event) => event.path)).toEqual([
      readme.path,
      books.path,
      books.path,
    ]);
    expect(eventsOf(result, "file:completed")).toHaveLength(2);
    expect(eventsOf(result, "usage").at(-1)).toEqual({ type: "usage", inputTokens: 15, outputTokens: 27 });
    const [, user, assistant, goOn] = requests[1]!.body.messages!;
    expect(user!.content).toBe("A library with books.");
    expect(assistant).toEqual({ role: "assistant", content: encodeFile(requests[0]!.nonce, readme) });
    expect(goOn!.content).toMatch(/saved[^]*- README\.md[^]*again first[^]*- src\/books\.ts/);
    expect(requests[1]!.nonce).toBe(requests[0]!.nonce);
  });

  it("takes the number of all files for the number of this answer's files", async () => {
    const goOn = answer((nonce) => encodeFile(nonce, books) + encodeDone(nonce, 2));
    expect((await run([cutInBooks, goOn])).error).toBeUndefined();
  });

  it.each<[string, Script]>([
    ["its end line is missing", answer((nonce) => encodeFile(nonce, readme))],
    ["its count is too high", answer((nonce) => encodeFile(nonce, readme) + encodeDone(nonce, 2))],
    ["its count is too low", answer((nonce) => encodeFile(nonce, readme) + encodeDone(nonce, 0))],
    [
      "its end line has another nonce",
      answer((nonce) => encodeFile(nonce, readme) + encodeDone(`${nonce}0`, 1)),
    ],
    [
      "it doesn't tell how it ended",
      async (exchange) => {
        await exchange.text(whole(exchange.request.nonce, [readme]));
        await exchange.done();
      },
    ],
    [
      "its connection broke after the last file",
      async (exchange) => {
        await exchange.text(encodeFile(exchange.request.nonce, readme));
        exchange.destroy();
      },
    ],
    [
      "it hit the length limit though all lines are there",
      async (exchange) => {
        await exchange.text(whole(exchange.request.nonce, [readme]));
        await exchange.finish("length");
        await exchange.done();
      },
    ],
  ])("is asked for the rest when %s", async (_name, script) => {
    const result = await run([script, answer((nonce) => encodeDone(nonce, 0))]);
    expect(result.error).toBeUndefined();
    expect(result.files).toEqual([readme]);
    expect(requests).toHaveLength(2);
  });

  it("is never whole while a file that was begun is missing, whatever the model says", async () => {
    const result = await run([cutInBooks, answer((nonce) => encodeDone(nonce, 0))]);
    expect(result.error).toMatchObject({ code: "output_truncated", retryable: false });
    expect(requests).toHaveLength(4);
    expect(result.files).toEqual([readme]);
  });

  it("fails as truncated and retryable when the connection breaks in every answer", async () => {
    const half: Script = async (exchange) => {
      await exchange.text(encodeFile(exchange.request.nonce, books).slice(0, 60));
      exchange.destroy();
    };
    const result = await run([half], { limits: { maxContinuations: 1 } });
    expect(result.error).toMatchObject({ code: "output_truncated", retryable: true });
    expect(result.files).toEqual([]);
    expect(requests).toHaveLength(2);
    expect(requests[1]!.body.messages!.map(({ role }) => role)).toEqual(["system", "user"]);
  });

  it("starts from the files of an earlier attempt, and doesn't pay for them again", async () => {
    const result = await run(
      [answer((nonce) => whole(nonce, [books]))],
      {},
      { attempt: 2, completedFiles: [completedFile(readme)] },
    );
    expect(result.error).toBeUndefined();
    expect(result.files).toEqual([books]);
    expect(requests[0]!.body.messages!.at(-1)!.content).toContain("- README.md");
  });
});

describe("an answer in code blocks", () => {
  const text = "Sure!\n\n**src/a.ts**\n```ts\nexport const a = 1;\n```\n\n```bash\nnpm i\n```\n";

  it("is taken as files, with a warning", async () => {
    const result = await run([answer(text)]);
    expect(result.error).toBeUndefined();
    expect(result.files).toEqual([{ path: "src/a.ts", content: "export const a = 1;\n" }]);
    expect(eventsOf(result, "log")).toEqual([
      { type: "log", level: "warn", message: expect.stringContaining("ignored the file protocol") as string },
    ]);
  });

  it("isn't whole when its last block was cut off", async () => {
    const cut: Script = async (exchange) => {
      await exchange.text(`${text}\`\`\`ts src/b.ts\nexport`);
      await exchange.finish("length");
      await exchange.done();
    };
    const rest: TestFile = { path: "src/b.ts", content: "export const b = 2;\n" };
    const result = await run([cut, answer((nonce) => whole(nonce, [rest]))]);
    expect(result.error).toBeUndefined();
    expect(result.files).toEqual([{ path: "src/a.ts", content: "export const a = 1;\n" }, rest]);
  });

  it("isn't whole when the model counts more files than there are blocks", async () => {
    const result = await run([
      answer((nonce) => text + encodeDone(nonce, 2)),
      answer((nonce) => whole(nonce, [books])),
    ]);
    expect(result.error).toBeUndefined();
    expect(result.files).toEqual([{ path: "src/a.ts", content: "export const a = 1;\n" }, books]);
  });

  it("isn't looked for behind a header of the protocol that can't be read", async () => {
    const result = await run([answer((nonce) => `@@FILE ${nonce} README.md\n${text}@@END ${nonce}\n`)]);
    expect(result.error).toMatchObject({ code: "output_invalid" });
    expect(result.files).toEqual([]);
    expect(requests).toHaveLength(1);
  });

  it("isn't looked for beside files of the protocol", async () => {
    const result = await run([answer((nonce) => text + whole(nonce, [books]))]);
    expect(result.files).toEqual([books]);
  });
});

describe("an answer that can't be used", () => {
  it.each(["../../etc/passwd", "/etc/passwd", "..\\a", "a\u0000b"])(
    "fails for the file name %j",
    async (path) => {
      const result = await run([answer((nonce) => whole(nonce, [{ path, content: "x" }]))]);
      expect(result.error).toMatchObject({ code: "output_invalid", retryable: false });
      expect(eventsOf(result, "file:opened")).toEqual([]);
    },
  );

  it("fails when a file and a folder have one name", async () => {
    const files = [
      { path: "src", content: "" },
      { path: "src/a.ts", content: "" },
    ];
    const result = await run([answer((nonce) => whole(nonce, files))]);
    expect(result.error).toMatchObject({ code: "output_invalid" });
  });

  it.each([
    ["", "empty"],
    ["I can't do that today.", "I can't do that today."],
  ])("fails when the model only says %j", async (text, expected) => {
    const result = await run([answer(text)]);
    expect(result.error).toMatchObject({
      code: "output_invalid",
      message: expect.stringContaining(expected) as string,
    });
  });

  it("fails without asking again when its connection breaks before its first file", async () => {
    const talk: Script = async (exchange) => {
      await exchange.text("First I think about the books.");
      exchange.destroy();
    };
    expect((await run([talk])).error).toMatchObject({ code: "model_unavailable", retryable: true });
    expect(requests).toHaveLength(1);
  });

  it("fails when it reaches its length limit before its first file again and again", async () => {
    const talk: Script = async (exchange) => {
      await exchange.text("First I think about the books.");
      await exchange.finish("length");
      await exchange.done();
    };
    expect((await run([talk])).error).toMatchObject({ code: "output_truncated", retryable: false });
    expect(requests).toHaveLength(3);
  });

  it.each([
    ["a file", { maxFileBytes: 20 }],
    ["the program", { maxTotalBytes: 60 }],
    ["the number of files", { maxFiles: 2 }],
  ])("fails when %s is too large, and stops reading", async (_name, limits) => {
    const endless: Script = async (exchange) => {
      const file = encodeFile(exchange.request.nonce, { path: "a.ts", content: "123456789\n".repeat(4) });
      await exchange.text(file.replace("a.ts", "0.ts"));
      for (let at = 1; at < 5_000; at += 1) await exchange.text(file.replace("a.ts", `${at}.ts`));
      await exchange.hang();
    };
    const result = await run([endless], { limits });
    expect(result.error).toMatchObject({ code: "output_too_large", retryable: false });
    await requests[0]!.closed;
  });

  it("fails when the model talks without end", async () => {
    const endless: Script = async (exchange) => {
      for (let at = 0; at < 5_000; at += 1) await exchange.text("and so on and on\n");
      await exchange.hang();
    };
    const result = await run([endless], { limits: { maxTotalBytes: 10_000 } });
    expect(result.error).toMatchObject({ code: "output_too_large" });
    await requests[0]!.closed;
  });
});

describe("an endpoint with a fault", () => {
  it.each<[string, Script, object]>([
    [
      "401",
      (exchange) => {
        exchange.status(401, { error: { message: `bad key ${KEY}` } });
      },
      { code: "model_unavailable", retryable: false },
    ],
    [
      "404",
      (exchange) => {
        exchange.status(404, { error: { code: "model_not_found" } });
      },
      { code: "model_unavailable", retryable: false },
    ],
    [
      "429",
      (exchange) => {
        exchange.status(429, { error: {} }, { "retry-after": "3" });
      },
      { code: "model_rate_limited", retryable: true, options: { retryAfterMs: 3_000 } },
    ],
    [
      "500",
      (exchange) => {
        exchange.status(500, "<html>oops</html>");
      },
      { code: "model_unavailable", retryable: true },
    ],
    [
      "503 with Retry-After",
      (exchange) => {
        exchange.status(503, {}, { "retry-after": "1" });
      },
      { code: "model_unavailable", retryable: true, options: { retryAfterMs: 1_000 } },
    ],
    [
      "a redirect",
      (exchange) => {
        exchange.status(307, {}, { location: "http://127.0.0.1:1/" });
      },
      { code: "model_unavailable", retryable: false },
    ],
    [
      "a reset before the answer",
      (exchange) => {
        exchange.destroy();
      },
      { code: "model_unavailable", retryable: true },
    ],
    [
      "an end without a word",
      (exchange) => {
        exchange.end();
      },
      { code: "model_unavailable", retryable: true },
    ],
    [
      "garbage in the stream",
      async (exchange) => {
        await exchange.raw("data: {oops\n\n");
      },
      { code: "model_unavailable", retryable: true },
    ],
    [
      "JSON of another kind",
      async (exchange) => {
        await exchange.chunk({ choices: "many" });
      },
      { code: "model_unavailable", retryable: true },
    ],
    [
      "a web page",
      async (exchange) => {
        await exchange.raw("<html><body>Hello</body></html>");
      },
      { code: "model_unavailable", retryable: true },
    ],
    [
      "an error inside of the stream",
      async (exchange) => {
        await exchange.raw('data: {"error":{"code":"rate_limit_exceeded","message":"x"}}\n\n');
      },
      { code: "model_rate_limited", retryable: true },
    ],
    [
      "a content filter",
      async (exchange) => {
        await exchange.text("I");
        await exchange.finish("content_filter");
      },
      { code: "model_refused", retryable: false },
    ],
    [
      "a refusal",
      async (exchange) => {
        await exchange.chunk({ choices: [{ delta: { refusal: "No." } }] });
      },
      { code: "model_refused", retryable: false },
    ],
  ])("answers %s: fails at once, asks once", async (_name, script, expected) => {
    const result = await run([script]);
    expect(result.error).toMatchObject(expected);
    expect(requests).toHaveLength(1);
  });

  it("refuses connections: the model is unavailable, and no address is told", async () => {
    const closed = await startOpenAiTestServer();
    await closed.close();
    const address = closed.baseUrl.replace("http://", "http://user:hidden-word@");
    const result = await run([], { baseUrl: address });
    expect(result.error).toMatchObject({ code: "model_unavailable", retryable: true });
    expect(result.error!.message).toContain("ECONNREFUSED");
    expect(inspect(result.error, { depth: 10 })).not.toMatch(/hidden-word|127\.0\.0\.1/);
  });

  it("doesn't know stream_options: is asked again without, and from then on", async () => {
    const picky: Script = async (exchange) => {
      const { stream_options: given } = exchange.request.body;
      if (given !== undefined)
        exchange.status(400, { error: { message: "Unknown parameter: stream_options" } });
      else await answer((nonce) => whole(nonce, [books]))(exchange);
    };
    const before = server.requests.length;
    server.play(picky);
    const one = engine();
    for (let at = 0; at < 2; at += 1) {
      const events: EngineEvent[] = [];
      for await (const event of one.generate(ask(), new AbortController().signal)) events.push(event);
      expect(filesOf(events)).toEqual([books]);
    }
    expect(server.requests.length - before).toBe(3);
  });

  it("reports no usage: none is made up", async () => {
    const silent: Script = async (exchange) => {
      await exchange.text(whole(exchange.request.nonce, [books]));
      await exchange.finish("stop");
      await exchange.done();
    };
    const result = await run([silent]);
    expect(result.error).toBeUndefined();
    expect(eventsOf(result, "usage")).toEqual([]);
  });

  it("keeps the connection open after the end: the program is whole all the same", async () => {
    const lingering: Script = async (exchange) => {
      await exchange.text(whole(exchange.request.nonce, [books]));
      await exchange.finish("stop");
      await exchange.hang();
    };
    const result = await run([lingering]);
    expect(result.error).toBeUndefined();
    expect(result.files).toEqual([books]);
  });

  it("never begins to answer: times out, and the socket is closed", async () => {
    const result = await run([(exchange) => exchange.hang()], { timeouts: { firstChunkMs: 150 } });
    expect(result.error).toMatchObject({ code: "model_timeout", retryable: true });
    await requests[0]!.closed;
  });

  it("stalls: times out, and the socket is closed", async () => {
    const stalling: Script = async (exchange) => {
      await exchange.text("Let me see");
      await exchange.hang();
    };
    const result = await run([stalling], { timeouts: { idleMs: 150 } });
    expect(result.error).toMatchObject({ code: "model_timeout", retryable: true });
    await requests[0]!.closed;
  });

  it("never ends: times out for good, and the socket is closed", async () => {
    const endless: Script = async (exchange) => {
      while (!exchange.isClosed()) {
        await exchange.text(".");
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    const result = await run([endless], { timeouts: { totalMs: 400, idleMs: 200 } });
    expect(result.error).toMatchObject({ code: "model_timeout", retryable: true });
    await requests[0]!.closed;
  });

  it("isn't called slow because the reader of the events is", async () => {
    server.play(answer((nonce) => whole(nonce, [books, readme])));
    const events: EngineEvent[] = [];
    const slow = engine({ timeouts: { idleMs: 100, firstChunkMs: 100 } });
    for await (const event of slow.generate(ask(), new AbortController().signal)) {
      events.push(event);
      if (event.type === "file:opened") await new Promise((resolve) => setTimeout(resolve, 300));
    }
    expect(filesOf(events)).toEqual([books, readme]);
  });
});

describe("an aborted signal", () => {
  const reason = new Error("cancelled by its owner");

  it.each<[string, Script]>([
    ["before the first byte", (exchange) => exchange.hang()],
    [
      "in the middle of a file",
      async (exchange) => {
        await exchange.text(`@@FILE ${exchange.request.nonce} {"path":"a.ts"}\nconst`);
        await exchange.hang();
      },
    ],
  ])("closes the socket %s and throws its reason within 100 ms", async (_name, script) => {
    const before = server.requests.length;
    server.play(script);
    const controller = new AbortController();
    let abortedAt = 0;
    setTimeout(() => {
      abortedAt = Date.now();
      controller.abort(reason);
    }, 200);
    const events: EngineEvent[] = [];
    const reading = (async () => {
      for await (const event of engine().generate(ask(), controller.signal)) events.push(event);
    })();
    await expect(reading).rejects.toBe(reason);
    expect(Date.now() - abortedAt).toBeLessThan(300);
    const closedAt = await server.requests[before]!.closed;
    expect(closedAt - abortedAt).toBeLessThan(2_000);
  });

  it("that was aborted before sends nothing", async () => {
    const before = server.requests.length;
    const iterator = engine().generate(ask(), AbortSignal.abort(reason))[Symbol.asyncIterator]();
    await expect(iterator.next()).rejects.toBe(reason);
    expect(server.requests.length).toBe(before);
  });

  it("isn't needed: leaving the iteration closes the socket too", async () => {
    const before = server.requests.length;
    server.play(async (exchange) => {
      await exchange.text(`@@FILE ${exchange.request.nonce} {"path":"a.ts"}\nconst`);
      await exchange.hang();
    });
    for await (const event of engine().generate(ask(), new AbortController().signal)) {
      if (event.type === "file:delta") break;
    }
    await server.requests[before]!.closed;
  });
});

describe("the address", () => {
  it.each(["", "localhost:11434", "ftp://host/", `not a url ${KEY}`])(
    "%j is refused without being repeated",
    (baseUrl) => {
      const create = () => engine({ baseUrl });
      expect(create).toThrow("isn't an http or https URL");
      try {
        create();
      } catch (error) {
        expect(inspect(error, { depth: 10 })).not.toContain(KEY);
      }
    },
  );

  it("with a login sends it as basic authentication", async () => {
    const baseUrl = server.baseUrl.replace("http://", "http://me:p%40ss@");
    await run([answer((nonce) => whole(nonce, [books]))], { baseUrl, apiKey: undefined });
    expect(requests[0]!.authorization).toBe(`Basic ${Buffer.from("me:p@ss").toString("base64")}`);
  });

  it("of an endpoint without a key gets no authorization, and keeps its query", async () => {
    await run([answer((nonce) => whole(nonce, [books]))], {
      baseUrl: `${server.baseUrl}/?api-version=1`,
      apiKey: "",
    });
    expect(requests[0]!.authorization).toBeUndefined();
    expect(requests[0]!.path).toBe("/v1/chat/completions?api-version=1");
  });
});
