import type { Outcome } from "../measure/samples";
import type { HttpAnswer, HttpQuestion, HttpSender } from "./http-sender";

export interface ProductAnswer {
  readonly outcome: Outcome;
  readonly retried: boolean;
  readonly reason?: string;
  /** The last answer there was. */
  readonly answer?: HttpAnswer;
}

/** Every gateway, as a client knows them; the first is asked first. */
export type GatewayUrls = readonly string[];

/**
 * Asks as a client behind a load balancer does: a gateway that hangs up or isn't there is tried once more at the next.
 * Answers are never tried again, whatever they say.
 */
export async function askProduct(
  sender: HttpSender,
  urls: GatewayUrls,
  question: HttpQuestion,
): Promise<ProductAnswer> {
  const [first = "", second = first] = urls;
  try {
    return { retried: false, ...judgeAnswer(await sender.send(first, question)) };
  } catch (error) {
    if (readCode(error) === "ETIMEDOUT") return { outcome: "error", retried: false, reason: "no answer" };
  }
  try {
    return { retried: true, ...judgeAnswer(await sender.send(second, question)) };
  } catch (error) {
    return { outcome: "error", retried: true, reason: readCode(error) };
  }
}

/** 429 and 503 are an honest "later" only when they say when. */
export function judgeAnswer(answer: HttpAnswer): Omit<ProductAnswer, "retried"> {
  const { status, headers } = answer;
  if (status >= 200 && status < 300) return { outcome: "ok", answer };
  const isShed = (status === 429 || status === 503) && headers["retry-after"] !== undefined;
  return { outcome: isShed ? "shed" : "error", reason: `HTTP ${status}${readProblem(answer)}`, answer };
}

/** What the answer says of itself, so that a rare one can be understood afterwards. */
function readProblem({ body }: HttpAnswer): string {
  try {
    const { code, instance, detail } = JSON.parse(body) as Readonly<Record<string, unknown>>;
    const words = [code, instance, detail].filter((word) => typeof word === "string");
    return words.map((word) => ` ${word}`).join("");
  } catch {
    return "";
  }
}

function readCode(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return String(code ?? message);
}
