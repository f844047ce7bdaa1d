import type { GenerationEvent } from "@vibe-friend/contracts/generation-event";
import {
  generationFilesSchema,
  generationPageSchema,
  generationResultSchema,
  type Generation,
  type GenerationFile,
  type GenerationPage,
  type GenerationStatus,
  type submitBodySchema,
} from "@vibe-friend/contracts/generation";
import { readJson, type HttpRequest, type HttpTransport } from "./http-transport";
import type { FollowOptions, LiveFeed } from "./live-feed";
import { parseAnswer } from "./loose-answer";
import { toQuery } from "./to-query";

/** What a person asks for; what is left out gets the server's default. */
export type SubmitRequest = (typeof submitBodySchema)["_zod"]["input"];

export interface SubmitOptions {
  /** Makes sending it twice the same as once, so that the client may retry. 1 to 200 visible ASCII characters. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

export interface ListOptions {
  readonly status?: GenerationStatus | undefined;
  /** Words in the prompt. */
  readonly q?: string | undefined;
  readonly cursor?: string | undefined;
  /** 1 to 100, 20 when left out. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface GenerationsApi {
  /** Answers once the request is stored, before it has run (with `mode: "sync"`: when it has). */
  readonly submit: (body: SubmitRequest, options?: SubmitOptions) => Promise<Generation>;
  /** Mine, newest first. */
  readonly list: (options?: ListOptions) => Promise<GenerationPage>;
  readonly get: (id: string, options?: CallOptions) => Promise<Generation>;
  readonly cancel: (id: string) => Promise<Generation>;
  /** Runs a failed or cancelled generation again; its events go on after its last `seq`. */
  readonly retry: (id: string) => Promise<Generation>;
  /** Deletes an ended generation and its files. */
  readonly remove: (id: string) => Promise<void>;
  readonly files: (id: string, options?: CallOptions) => Promise<GenerationFile[]>;
  readonly readFile: (id: string, path: string, options?: CallOptions) => Promise<string>;
  /** Where the zip of all files is; for a link, with the session's cookie. */
  readonly archiveUrl: (id: string) => string;
  /**
   * Every event after `after`, once and in order, until the generation has ended; goes on by itself after a
   * lost connection.
   *
   * @throws {ProblemError} there is no such generation, or nobody is signed in
   */
  readonly follow: (id: string, options?: FollowOptions) => AsyncIterable<GenerationEvent>;
}

interface Dependencies {
  readonly transport: HttpTransport;
  readonly feed: LiveFeed;
  readonly baseUrl: string;
}

export function createGenerationsApi({ transport, feed, baseUrl }: Dependencies): GenerationsApi {
  async function readOne(request: HttpRequest): Promise<Generation> {
    const response = await transport.send(request);
    return parseAnswer(generationResultSchema, await readJson(response)).generation;
  }

  return {
    submit(body, { idempotencyKey, signal } = {}) {
      return readOne({
        method: "POST",
        path: "/generations",
        body,
        signal,
        ...(idempotencyKey === undefined
          ? {}
          : { headers: { "idempotency-key": idempotencyKey }, repeatable: true }),
      });
    },
    async list({ signal, ...query } = {}) {
      const path = `/generations${toQuery(query)}`;
      const response = await transport.send({ method: "GET", path, signal });
      return parseAnswer(generationPageSchema, await readJson(response));
    },
    get: (id, { signal } = {}) => readOne({ method: "GET", path: `/generations/${segment(id)}`, signal }),
    cancel: (id) => readOne({ method: "POST", path: `/generations/${segment(id)}/cancel` }),
    retry: (id) => readOne({ method: "POST", path: `/generations/${segment(id)}/retry` }),
    async remove(id) {
      await transport.send({ method: "DELETE", path: `/generations/${segment(id)}` });
    },
    async files(id, { signal } = {}) {
      const response = await transport.send({
        method: "GET",
        path: `/generations/${segment(id)}/files`,
        signal,
      });
      return parseAnswer(generationFilesSchema, await readJson(response)).items;
    },
    async readFile(id, path, { signal } = {}) {
      const url = `/generations/${segment(id)}/files/${path.split("/").map(segment).join("/")}`;
      const response = await transport.send({ method: "GET", path: url, signal });
      return response.text();
    },
    archiveUrl: (id) => `${baseUrl}/api/v1/generations/${segment(id)}/archive.zip`,
    follow: (id, options) => feed.follow(id, options),
  };
}

const segment = encodeURIComponent;
