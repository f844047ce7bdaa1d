import { runClosedLoop } from "../../workload/closed-loop";
import type { ClosedLoopOptions, ClosedLoopResult } from "../../workload/closed-loop";
import { startOpenLoop } from "../../workload/open-loop";
import type { OpenLoop, OpenLoopSample } from "../../workload/open-loop";
import { checkKept } from "./check-kept";
import { openOurs } from "./ours";
import { openOursOverHttp } from "./ours-http";
import { openBullmq, openGraphileWorker, openInsert, openPgBoss } from "./peers";
import type { OpenSubmit, SubmitAdapterName, SubmitCounts, SubmitSetup } from "./submit-contestant";

const adapters: Readonly<Record<SubmitAdapterName, OpenSubmit>> = {
  insert: openInsert,
  bullmq: openBullmq,
  "pg-boss": openPgBoss,
  "graphile-worker": openGraphileWorker,
  ours: openOurs,
  "ours-http": openOursOverHttp,
};

const jobsPatienceMs = 1500;

export interface SteadyResult {
  readonly samples: readonly OpenLoopSample[];
  /** rows that came meanwhile; undefined for those who keep none */
  readonly rows?: number;
}

/** One way to submit, in this process. */
export async function openSubmitWorker(setup: SubmitSetup) {
  const contestant = await adapters[setup.adapter](setup);
  let steady: OpenLoop | undefined;
  let before: SubmitCounts = {};

  /**
   * Hand-overs end behind the answers: they are waited for.
   *
   * @returns of those accepted how many lie in Redis, in per cent
   * @throws {Error} when something is missing or too much
   */
  async function check(accepted: number): Promise<number | undefined> {
    await contestant.settled();
    const until = performance.now() + jobsPatienceMs;
    for (;;) {
      const after = await contestant.count();
      const jobs = after.jobs === undefined ? undefined : after.jobs - (before.jobs ?? 0);
      const isLate = performance.now() > until;
      if (isLate || jobs === undefined || jobs >= accepted) {
        const fault = checkKept({ before, after, accepted });
        if (fault !== undefined) throw new Error(fault);
        return jobs === undefined ? undefined : (jobs / accepted) * 100;
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  return {
    /** The rate includes the time until everything has been handed over. */
    async run(loop: ClosedLoopOptions): Promise<ClosedLoopResult & { jobsPercent?: number }> {
      await contestant.clear();
      before = await contestant.count();
      const startedAt = performance.now();
      const result = await runClosedLoop(loop, (turn) => contestant.submit(turn));
      await contestant.settled();
      const seconds = (performance.now() - startedAt) / 1000;
      const jobsPercent = await check(result.operations);
      const operationsPerSecond = result.operations / seconds;
      return { ...result, operationsPerSecond, ...(jobsPercent === undefined ? {} : { jobsPercent }) };
    },

    async startSteady(perSecond: number): Promise<void> {
      await contestant.clear();
      steady = startOpenLoop(perSecond, async (turn) => {
        await contestant.submit(turn);
        return "accepted";
      });
    },

    async stopSteady(patienceMs: number): Promise<SteadyResult> {
      const samples = (await steady?.stop(patienceMs)) ?? [];
      steady = undefined;
      const rows = await contestant.countRows();
      return { samples, ...(rows === undefined ? {} : { rows }) };
    },

    /** Works again as before? @throws {Error} when what is accepted isn't handed over to Redis */
    async probe(): Promise<void> {
      await contestant.clear();
      before = await contestant.count();
      await contestant.submit(0);
      if (((await check(1)) ?? 100) < 100) throw new Error("nothing is handed over");
    },

    close: () => contestant.close(),
  };
}

export type SubmitCalls = Awaited<ReturnType<typeof openSubmitWorker>>;
