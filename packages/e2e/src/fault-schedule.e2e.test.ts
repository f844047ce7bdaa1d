import { randomInt } from "node:crypto";
import { startUnreliableModel } from "./faults/model";
import { runUnderFaults } from "./faults/run-under-faults";
import { createSeededRandom } from "./faults/seeded-random";
import { useStack } from "./running-stack";

const seed = Number(process.env["FAULT_SEED"] ?? randomInt(2 ** 31 - 1));
const random = createSeededRandom(seed);
const model = startUnreliableModel(random.fork("model"));

describe(`A random schedule of faults (FAULT_SEED=${seed})`, () => {
  const running = useStack(async () => ({
    ...{ workers: 3, notifiers: 2, gateways: 2, spareNotifiers: 1 },
    restarts: false,
    proxies: true,
    env: {
      BUILT_IN_ENGINE_RATE: "8000",
      GENERATION_MAX_OPEN: "100",
      GENERATION_IDLE_TIMEOUT: "3s",
      LLM_BASE_URL: (await model).baseUrl,
    },
  }));
  afterAll(async () => {
    await (await model).close();
  });

  it("loses, doubles, hides and confuses nothing", async () => {
    const { findings, schedule } = await runUnderFaults(running.stack, {
      random,
      scale: "short",
      people: 6,
      generations: 40,
      steps: { redis: 4, postgres: 2, process: 5, client: 3 },
      llmShare: 0.2,
    });
    const broken = Object.entries(findings).filter(([, faults]) => faults.length > 0);
    if (broken.length > 0) console.log(`FAULT_SEED=${seed}\n${schedule}`);
    expect(broken).toEqual([]);
  }, 600_000);
});
