import type { Row } from "../report/benchmark-report";
import { summarizeRounds } from "../report/statistics";
import type { Entrant, RoundFigures } from "./entrant";

export interface RoundsOptions<W> {
  readonly group: string;
  readonly entrants: readonly Entrant<W>[];
  readonly rounds: number;
  readonly measure: (worker: W, round: number) => Promise<RoundFigures>;
  readonly onProgress: (line: string) => void;
}

interface Standing<W> {
  readonly entrant: Entrant<W>;
  worker: (W & { stop(): Promise<void> }) | undefined;
  readonly figures: RoundFigures[];
  status: "measured" | "failed" | "not run";
  reason: string | undefined;
}

/** In turns, A B C A B C, so that a machine that drifts hits all alike. Whoever fails once is out, and its row says why. */
export async function runRounds<W>(options: RoundsOptions<W>): Promise<Row[]> {
  const { group, entrants, rounds, measure, onProgress } = options;
  const standings: Standing<W>[] = [];
  try {
    for (const entrant of entrants) standings.push(await open(entrant));
    for (let round = 0; round < rounds; round += 1) {
      for (const standing of standings) {
        if (standing.worker === undefined) continue;
        onProgress(`${group}: round ${round + 1} of ${rounds}, ${standing.entrant.contestant}`);
        try {
          standing.figures.push(await measure(standing.worker, round));
        } catch (error) {
          await drop(standing, describe(error));
        }
      }
    }
  } finally {
    for (const { worker } of standings) await worker?.stop();
  }
  return standings.map((standing) => toRow(group, standing));
}

async function open<W>(entrant: Entrant<W>): Promise<Standing<W>> {
  const standing = { entrant, worker: undefined, figures: [], reason: undefined };
  if (entrant.missing !== undefined) return { ...standing, status: "not run", reason: entrant.missing };
  try {
    return { ...standing, worker: await entrant.open(), status: "measured" };
  } catch (error) {
    return { ...standing, status: "failed", reason: describe(error) };
  }
}

async function drop<W>(standing: Standing<W>, reason: string): Promise<void> {
  standing.status = "failed";
  standing.reason = reason;
  const { worker } = standing;
  standing.worker = undefined;
  await worker?.stop();
}

function toRow<W>(group: string, { entrant, figures, status, reason }: Standing<W>): Row {
  const { contestant, note } = entrant;
  if (status !== "measured") return { group, contestant, status, figures: {}, ...(reason && { reason }) };
  const keys = [...new Set(figures.flatMap((round) => Object.keys(round)))];
  return {
    group,
    contestant,
    status,
    figures: Object.fromEntries(
      keys.map((key) => [key, summarizeRounds(figures.flatMap((round) => round[key] ?? []))]),
    ),
    ...(note === undefined ? {} : { note }),
  };
}

function describe(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n", 1)[0] ?? "";
}
