/** How one step of the gate ended. */
export interface StepResult {
  readonly name: string;
  readonly status: "passed" | "failed" | "skipped";
  readonly durationMs: number;
  /** What to know about it, in a few words. */
  readonly detail?: string | undefined;
  /** Of a step that runs tests. */
  readonly tests?: TestCounts | undefined;
  /** What it said, for those who ask why it failed. */
  readonly logFile?: string | undefined;
}

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export type StepOutcome = Omit<StepResult, "name" | "durationMs">;

export interface Step {
  readonly name: string;
  readonly run: () => Promise<StepOutcome>;
}

/** Runs a step; whatever it throws makes it failed. */
export async function runStep({ name, run }: Step, onEnd: (result: StepResult) => void): Promise<StepResult> {
  const startedAt = performance.now();
  const outcome = await run().catch((error: unknown): StepOutcome => {
    return { status: "failed", detail: error instanceof Error ? error.message : String(error) };
  });
  const result = { name, durationMs: performance.now() - startedAt, ...outcome };
  onEnd(result);
  return result;
}

/** Runs steps in their order, at most so many at a time. */
export async function runStepsTogether(
  steps: readonly Step[],
  limit: number,
  onEnd: (result: StepResult) => void,
): Promise<StepResult[]> {
  const results: StepResult[] = [];
  const waiting = steps.entries();
  const work = async (): Promise<void> => {
    for (const [index, step] of waiting) results[index] = await runStep(step, onEnd);
  };
  await Promise.all(Array.from({ length: limit }, work));
  return results;
}
