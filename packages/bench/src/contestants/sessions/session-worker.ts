import { runClosedLoop } from "../../workload/closed-loop";
import type { ClosedLoopOptions, ClosedLoopResult } from "../../workload/closed-loop";
import { drawIndexes } from "../../workload/random";
import { openExpressSessions } from "./express-session-contestant";
import { openOurSessions } from "./ours";
import type { SessionAdapterName, SessionSetup } from "./session-contestant";

export interface SessionWorkerSetup extends SessionSetup {
  readonly sessionCount: number;
  readonly seed: number;
}

export interface SessionLoop extends ClosedLoopOptions {
  readonly touch: boolean;
}

const isOurs = (adapter: SessionAdapterName): boolean => adapter === "ours" || adapter === "ours-degraded";

/** One session store in this process, filled, and what is measured with it. */
export async function openSessionWorker(setup: SessionWorkerSetup) {
  const sessions = await (isOurs(setup.adapter) ? openOurSessions : openExpressSessions)(setup);
  const order = drawIndexes(setup.seed, setup.sessionCount);
  const tokens: string[] = [];
  while (tokens.length < setup.sessionCount) {
    const batch = Math.min(50, setup.sessionCount - tokens.length);
    tokens.push(...(await Promise.all(Array.from({ length: batch }, () => sessions.create()))));
  }

  return {
    /** @throws {Error} on an answer that is not the session's user */
    find: ({ touch, ...loop }: SessionLoop): Promise<ClosedLoopResult> =>
      runClosedLoop(loop, async (turn) => {
        const token = tokens[order[turn % order.length] ?? 0] ?? "";
        const userId = await sessions.find(token);
        if (userId !== setup.userId) throw new Error(`a wrong user: ${userId ?? "none"}`);
        if (touch) await sessions.touch(token);
      }),

    async close(): Promise<void> {
      await sessions.close();
    },
  };
}
