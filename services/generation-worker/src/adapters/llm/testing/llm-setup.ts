import {
  startOpenAiTestServer,
  type OpenAiTestServer,
  type RecordedRequest,
  type Script,
} from "@vibe-friend/local-stack/testing/openai-test-server";
import { createLlmEngine, type LlmEngineOptions } from "../llm-engine";
import { collectRun, completedFile, type EngineRun, type TestFile } from "./engine-run";

export interface ModelRun extends EngineRun {
  readonly requests: readonly RecordedRequest[];
}

export interface RunOptions {
  readonly engine?: Partial<LlmEngineOptions>;
  readonly signal?: AbortSignal;
  /** Files that an earlier attempt completed. */
  readonly earlier?: readonly TestFile[];
}

export interface TestModel {
  readonly server: OpenAiTestServer;
  /** Plays the scripts, the last one again and again, and collects what the engine makes of them. */
  run(scripts: readonly Script[], options?: RunOptions): Promise<ModelRun>;
  close(): Promise<void>;
}

export async function startTestModel(): Promise<TestModel> {
  const server = await startOpenAiTestServer();
  return {
    server,
    async run(scripts, { engine: options, signal = new AbortController().signal, earlier = [] } = {}) {
      const before = server.requests.length;
      server.play(...scripts);
      const engine = createLlmEngine({
        baseUrl: server.baseUrl,
        apiKey: "sk-test",
        model: "test-model",
        ...options,
      });
      const request = {
        generationId: "g",
        prompt: "A library with books.",
        model: undefined,
        attempt: earlier.length > 0 ? 2 : 1,
        completedFiles: earlier.map(completedFile),
      };
      const run = await collectRun(engine.generate(request, signal), earlier);
      return { ...run, requests: server.requests.slice(before) };
    },
    close: () => server.close(),
  };
}
