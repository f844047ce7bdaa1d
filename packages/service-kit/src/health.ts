/** What a check found. `degraded` and `down` say why in words. */
export type CheckResult =
  { readonly state: "ok" } | { readonly state: "degraded" | "down"; readonly reason: string };

export interface Readiness {
  readonly status: "ready" | "degraded" | "unready" | "draining";
  readonly checks: Readonly<Record<string, CheckResult>>;
}

export interface Health {
  /** A part this process works with. The check should answer from memory; after 1 s it counts as down. */
  addCheck(name: string, check: () => CheckResult | Promise<CheckResult>): void;
  /** When nothing of the job can be done: given the names of the parts that are down. Default: never. */
  unreadyWhen(rule: (down: ReadonlySet<string>) => boolean): void;
  /** Has this process got stuck in a way that only a new one gets out of? Says why. Default: never. */
  stalledWhen(find: () => string | undefined): void;
  /** Why this process should be ended and another one started. */
  findStall(): string | undefined;
  /** From now on not ready; requests in flight still finish. */
  startDraining(): void;
  isDraining(): boolean;
  read(): Promise<Readiness>;
}

const CHECK_DEADLINE_MS = 1000;

export function createHealth(): Health {
  const checks = new Map<string, () => CheckResult | Promise<CheckResult>>();
  let isUnready: (down: ReadonlySet<string>) => boolean = () => false;
  let findStall: () => string | undefined = () => undefined;
  let draining = false;
  return {
    addCheck: (name, check) => void checks.set(name, check),
    unreadyWhen: (rule) => void (isUnready = rule),
    stalledWhen: (find) => void (findStall = find),
    // What is stopping takes nothing any more, and is not to be hurried.
    findStall: () => (draining ? undefined : findStall()),
    startDraining: () => void (draining = true),
    isDraining: () => draining,
    async read() {
      const results = Object.fromEntries(
        await Promise.all([...checks].map(async ([name, check]) => [name, await runCheck(check)] as const)),
      );
      return { status: decideStatus(results, draining ? () => "draining" : isUnready), checks: results };
    },
  };
}

function decideStatus(
  results: Readonly<Record<string, CheckResult>>,
  rule: (down: ReadonlySet<string>) => boolean | "draining",
): Readiness["status"] {
  const names = Object.keys(results);
  const verdict = rule(new Set(names.filter((name) => results[name]?.state === "down")));
  if (verdict === "draining") return "draining";
  if (verdict) return "unready";
  return names.every((name) => results[name]?.state === "ok") ? "ready" : "degraded";
}

async function runCheck(check: () => CheckResult | Promise<CheckResult>): Promise<CheckResult> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<CheckResult>((resolve) => {
    timer = setTimeout(() => {
      resolve({ state: "down", reason: `no answer within ${CHECK_DEADLINE_MS} ms` });
    }, CHECK_DEADLINE_MS);
  });
  try {
    return await Promise.race([check(), deadline]);
  } catch (error) {
    return { state: "down", reason: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
}
