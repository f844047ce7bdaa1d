import { randomInt } from "node:crypto";
import type { OpenAiTestServer } from "@vibe-friend/local-stack/testing/openai-test-server";
import type { StackOptions } from "@vibe-friend/local-stack/stack";
import { useStack } from "../running-stack";
import { startUnreliableModel } from "./model";
import { runUnderFaults, type FaultRun } from "./run-under-faults";
import { createSeededRandom } from "./seeded-random";

/** FAULT_SEED replays a schedule; without it every run has another. */
export function chooseSeed(): number {
  return Number(process.env["FAULT_SEED"] ?? randomInt(2 ** 31 - 1));
}

interface ScheduleOptions {
  readonly seed: number;
  readonly stack?: StackOptions;
  readonly run: Omit<FaultRun, "random" | "llmShare">;
  readonly timeoutMs: number;
}

/** One suite: three workers, two nodes, two gateways, an unreliable model, and a schedule of faults against them. */
export function describeSchedule(name: string, { seed, stack, run, timeoutMs }: ScheduleOptions): void {
  describe(`${name} (FAULT_SEED=${seed})`, () => {
    const random = createSeededRandom(seed);
    let model: OpenAiTestServer | undefined;
    const running = useStack(async () => {
      model = await startUnreliableModel(random.fork("model"));
      return {
        ...{ workers: 3, notifiers: 2, gateways: 2, spareNotifiers: 1 },
        proxies: true,
        ...stack,
        env: {
          BUILT_IN_ENGINE_RATE: "10000",
          GENERATION_MAX_OPEN: "1000",
          GENERATION_IDLE_TIMEOUT: "3s",
          LLM_BASE_URL: model.baseUrl,
          ...stack?.env,
        },
      };
    });
    afterAll(() => model?.close());

    it(
      "loses, doubles, hides and confuses nothing",
      async () => {
        const report = await runUnderFaults(running.stack, { ...run, random, llmShare: 0.15 });
        const { findings, schedule, acknowledged, settledAfterMs } = report;
        const broken = Object.entries(findings).filter(([, faults]) => faults.length > 0);
        const summary = `FAULT_SEED=${seed}: ${acknowledged} acknowledged, all quiet ${settledAfterMs} ms after the last fault`;
        if (broken.length > 0 || run.scale === "full") console.log(`${summary}\n${schedule}`);
        expect(broken).toEqual([]);
        expect(running.deaths()).toEqual([]);
        expect(acknowledged).toBeGreaterThanOrEqual(run.generations);
      },
      timeoutMs,
    );
  });
}
