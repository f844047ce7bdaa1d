import { askProduct, judgeAnswer } from "./ask-product";
import type { HttpAnswer, HttpSender } from "./http-sender";

const answerOf = (status: number, headers: HttpAnswer["headers"] = {}, body = ""): HttpAnswer => ({
  status,
  headers,
  body,
});

it("takes 429 and 503 for shed only when they say when to come back", () => {
  expect(judgeAnswer(answerOf(202))).toMatchObject({ outcome: "ok" });
  expect(judgeAnswer(answerOf(429, { "retry-after": "1" }))).toMatchObject({ outcome: "shed" });
  expect(judgeAnswer(answerOf(503, { "retry-after": "1" }, '{"code":"unavailable"}'))).toMatchObject({
    outcome: "shed",
    reason: "HTTP 503 unavailable",
  });
  expect(judgeAnswer(answerOf(503))).toMatchObject({ outcome: "error", reason: "HTTP 503" });
  expect(judgeAnswer(answerOf(401))).toMatchObject({ outcome: "error" });
  expect(judgeAnswer(answerOf(500, { "retry-after": "1" }))).toMatchObject({ outcome: "error" });
});

describe("A gateway that fails", () => {
  const senderOf = (byUrl: Readonly<Record<string, HttpAnswer | string>>) => {
    const asked: string[] = [];
    const sender: HttpSender = {
      send(url) {
        asked.push(url);
        const answer = byUrl[url] ?? "ECONNREFUSED";
        return typeof answer === "string"
          ? Promise.reject(Object.assign(new Error("it failed"), { code: answer }))
          : Promise.resolve(answer);
      },
      close: () => undefined,
    };
    return { sender, asked };
  };
  const question = { method: "GET", path: "/auth/session" } as const;

  it("is left for the next one, once, when it hangs up", async () => {
    const { sender } = senderOf({ a: "ECONNRESET", b: answerOf(200) });
    expect(await askProduct(sender, ["a", "b"], question)).toMatchObject({ outcome: "ok", retried: true });
  });

  it("counts as an error when the next one hangs up too", async () => {
    const { sender, asked } = senderOf({});
    const answer = await askProduct(sender, ["a", "b", "c"], question);
    expect(answer).toEqual({ outcome: "error", retried: true, reason: "ECONNREFUSED" });
    expect(asked).toEqual(["a", "b"]);
  });

  it("is not asked again when it has answered, whatever it said, nor when it stays silent", async () => {
    const { sender, asked } = senderOf({ a: answerOf(500), b: "ETIMEDOUT" });
    expect(await askProduct(sender, ["a", "b"], question)).toMatchObject({
      outcome: "error",
      reason: "HTTP 500",
    });
    expect(await askProduct(sender, ["b", "a"], question)).toMatchObject({ reason: "no answer" });
    expect(asked).toEqual(["a", "b"]);
  });
});
