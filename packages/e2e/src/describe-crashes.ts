import {
  startOpenAiTestServer,
  type OpenAiTestServer,
} from "@vibe-friend/local-stack/testing/openai-test-server";
import { beginCrashWalk, readCrashPoints } from "./crash-walk";
import { useStack } from "./running-stack";

/**
 * One suite: a worker and a gateway die at the chosen points of those they name themselves, while somebody works.
 *
 * @param unreachable points that nobody can be expected to come to
 */
export function describeCrashes(
  name: string,
  isChosen: (point: string) => boolean,
  unreachable: readonly RegExp[],
): void {
  describe(name, () => {
    let model: OpenAiTestServer | undefined;
    const running = useStack(async () => {
      model = await startOpenAiTestServer();
      return {
        ...{ workers: 2, gateways: 2, restarts: false },
        env: {
          CRASH_AT: "list",
          BUILT_IN_ENGINE_RATE: "0",
          GENERATION_MAX_OPEN: "10000",
          GENERATION_CONCURRENCY: "8",
          GENERATION_MAX_RUNNING: "0",
          LLM_BASE_URL: model.baseUrl,
        },
      };
    });
    afterAll(() => model?.close());

    it(
      "loses, doubles and confuses nothing",
      async () => {
        if (model === undefined) throw new Error("there is no model");
        const walk = await beginCrashWalk(running.stack, model);
        const unreached: string[] = [];
        for (const part of ["generation-worker-1", "api-gateway-1"] as const) {
          const points = readCrashPoints(running, part);
          expect(points.length).toBeGreaterThan(10);
          for (const point of points.filter(isChosen)) {
            if (!(await walk.crashAt(part, point))) unreached.push(`${part} ${point}`);
          }
        }
        expect(await walk.finish()).toEqual([]);
        const unexpected = unreached.filter(
          (each) => !unreachable.some((way) => way.test(each.split(" ")[1] ?? "")),
        );
        expect(unexpected).toEqual([]);
      },
      40 * 60_000,
    );
  });
}
