import { setTimeout as sleep } from "node:timers/promises";
import type { Exchange, RecordedRequest, Script } from "./openai-test-server";

const TICK_MS = 20;

export interface ModelFile {
  readonly path: string;
  readonly content: string;
}

/** A whole answer as real endpoints give it: text, end, usage, [DONE]. */
export function answer(text: string | ((nonce: string) => string)): Script {
  return async (exchange) => {
    await exchange.text(typeof text === "string" ? text : text(exchange.request.nonce));
    await endWell(exchange);
  };
}

/**
 * A model that writes these files, but for those that the request says are saved.
 *
 * @param charactersPerSecond 0 for as fast as it can
 */
export function writeFiles(files: readonly ModelFile[], charactersPerSecond = 0): Script {
  return async (exchange) => {
    await stream(exchange, writeRest(exchange.request, files), charactersPerSecond);
    if (!exchange.isClosed()) await endWell(exchange);
  };
}

/**
 * The same model, whose answer ends too soon: at its length limit, without a word of how it ended, by a
 * broken connection, or never.
 */
export function cutFiles(
  files: readonly ModelFile[],
  { afterCharacters, by }: { afterCharacters: number; by: "length" | "silence" | "reset" | "hanging" },
): Script {
  return async (exchange) => {
    await exchange.text(writeRest(exchange.request, files).slice(0, afterCharacters));
    if (by === "hanging") await exchange.hang();
    if (by === "length") await exchange.finish("length");
    if (by === "reset") exchange.destroy();
    else if (!exchange.isClosed()) await exchange.done();
  };
}

/** Answers 429, with Retry-After in whole seconds. */
export function rateLimit(retryAfterSeconds: number): Script {
  return (exchange) => {
    const body = { error: { code: "rate_limit_exceeded", message: "Too many requests." } };
    exchange.status(429, body, { "retry-after": String(retryAfterSeconds) });
  };
}

/** The files as the worker's protocol wants them, with the line that proves the end. */
export function encodeAnswer(nonce: string, files: readonly ModelFile[]): string {
  const blocks = files.map(({ path, content }) => {
    const whole = content === "" || content.endsWith("\n");
    const header = JSON.stringify({ path, op: "write", ...(whole ? {} : { newline: false }) });
    return `@@FILE ${nonce} ${header}\n${content}${whole ? "" : "\n"}@@END ${nonce}\n`;
  });
  return `${blocks.join("")}@@DONE ${nonce} {"files":${files.length}}\n`;
}

export interface ModelTask {
  /** What the request says is there already. */
  readonly saved: readonly string[];
  /** What has to come again. */
  readonly again: readonly string[];
  /** Nothing else is asked for. */
  readonly isRepair: boolean;
}

/** What the last message of a request asks for; all empty in a first request. */
export function readTask({ body }: RecordedRequest): ModelTask {
  const message = body.messages?.at(-1)?.content ?? "";
  const saved: string[] = [];
  const again: string[] = [];
  let list: string[] | undefined;
  for (const line of message.split("\n")) {
    if (/^Saved \(/.test(line)) list = saved;
    else if (/^Write again\b/.test(line)) list = again;
    else if (!line.startsWith("- ")) list = undefined;
    else list?.push(/^- (\S+?):?(?:\s|$)/.exec(line)?.[1] ?? "");
  }
  return { saved, again, isRepair: message.includes("\nWrite only these files") };
}

function writeRest(request: RecordedRequest, files: readonly ModelFile[]): string {
  const { saved, again, isRepair } = readTask(request);
  const rest = files.filter(({ path }) => again.includes(path) || (!isRepair && !saved.includes(path)));
  return encodeAnswer(request.nonce, rest);
}

async function stream(exchange: Exchange, text: string, charactersPerSecond: number): Promise<void> {
  if (charactersPerSecond === 0) return exchange.text(text);
  const startedAt = performance.now();
  for (let sent = 0; sent < text.length && !exchange.isClosed();) {
    await sleep(TICK_MS);
    const due = Math.floor(((performance.now() - startedAt) / 1_000) * charactersPerSecond);
    if (due > sent) await exchange.text(text.slice(sent, due));
    sent = Math.max(sent, due);
  }
}

async function endWell(exchange: Exchange): Promise<void> {
  await exchange.finish("stop");
  await exchange.usage(10, 20);
  await exchange.done();
}
